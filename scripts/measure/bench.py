# SPDX-License-Identifier: BSD-2-Clause
"""What every scenario is given, and the form of what it gives back."""

import pathlib
from dataclasses import dataclass, field

from .contenders import CONTENDERS
from .distribution import summarise


@dataclass(frozen=True)
class Bench:
    """`quick`: fewer cases, fewer rounds."""
    tools: pathlib.Path
    quick: bool = False
    case: str = ""  # only cases whose names hold this
    contenders: tuple = tuple(CONTENDERS)
    progress: object = field(default=None, compare=False)

    def by_turns(self, turns, what):
        """The contenders, one after the other, so many times."""
        for turn in range(turns):
            for name in self.contenders:
                with self.progress.waiting(f"{what}: {name}, turn {turn + 1} of {turns}"):
                    yield CONTENDERS[name]

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


def value(case, what, unit, by):
    """A figure of one number by contender."""
    return {"case": case, "what": what, "unit": unit, "by": {name: {"value": number} for name, number in by.items()}}
