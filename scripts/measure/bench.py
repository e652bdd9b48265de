# SPDX-License-Identifier: BSD-2-Clause
"""What every scenario is given, and the form of what it gives back."""

import contextlib
import pathlib
import subprocess
import sys
from dataclasses import dataclass, field

from lab.processes import CommandFailed
from lab.routers import RouterFailed

from .contenders import CONTENDERS, USUAL
from .distribution import summarise
from .masters import MastersFailed

# What may happen to one contender without an end to all that is measured.
_MISHAPS = (RouterFailed, MastersFailed, CommandFailed, TimeoutError, subprocess.TimeoutExpired)


@dataclass(frozen=True)
class Bench:
    """`quick`: fewer cases, fewer rounds."""
    tools: pathlib.Path
    quick: bool = False
    case: str = ""  # only cases whose names hold this
    contenders: tuple = USUAL
    progress: object = field(default=None, compare=False)
    failures: list = field(default_factory=list, compare=False)

    def by_turns(self, turns, what):
        """The contenders, one after the other, so many times."""
        for turn in range(turns):
            for name in self.contenders:
                with self.progress.waiting(f"{what}: {name}, turn {turn + 1} of {turns}"):
                    yield CONTENDERS[name]

    @contextlib.contextmanager
    def attempt(self, what):
        """What fails in here is noted, and the rest goes on."""
        try:
            yield
        except _MISHAPS as error:
            self.failures.append(f"{what}: {error}")
            print(f"bench: {self.failures[-1]}", file=sys.stderr, flush=True)

    def wants(self, case):
        return self.case in case


@dataclass(frozen=True)
class Scenario:
    """Measures one thing. `measure` takes a Bench and yields figures."""
    name: str
    title: str
    measure: object


def distribution(case, what, unit, samples, tail=False):
    """A figure of many samples by contender; `tail`: of so many that one in a thousand says something."""
    return {"case": case, "what": what, "unit": unit, "tail": tail,
            "by": {name: summarise(values) for name, values in samples.items() if values}}


def value(case, what, unit, by, compared=True):
    """A figure of one number by contender; less is better, where they are compared."""
    return {"case": case, "what": what, "unit": unit, "compared": compared,
            "by": {name: {"value": number} for name, number in by.items()}}
