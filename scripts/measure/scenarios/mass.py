# SPDX-License-Identifier: BSD-2-Clause
"""All Masters fall silent at once: the virtual routers of one LAN, or of four. Of each round the last one is what counts,
so a round is one sample of each figure."""

from collections import defaultdict
from dataclasses import dataclass

from ..bench import Scenario, distribution, value
from ..lan import Load
from .takeover import lose, wanted


@dataclass(frozen=True)
class _Case:
    load: Load
    rounds: int
    quick_rounds: int = 0
    turns: int = 2
    condition = "idle"
    stagger = False

    @property
    def name(self):
        return str(self.load)


_CASES = (_Case(Load(1), 20), _Case(Load(1, 10), 20), _Case(Load(50), 20), _Case(Load(50, 10), 20, 4),
          _Case(Load(250), 20, 4), _Case(Load(250, 10), 10), _Case(Load(1000), 10), _Case(Load(1000, 10), 4))


def _measure(bench):
    for case, rounds in wanted(bench, _CASES):
        yield from _measure_case(bench, case, rounds)


def _measure_case(bench, case, rounds):
    every, last, announced, missing = defaultdict(list), defaultdict(list), defaultdict(list), {}
    turns = 1 if bench.quick else case.turns
    for contender in bench.by_turns(turns, f"mass, {case.name}"):
        with bench.attempt(f"mass, {case.name}, {contender.name}"):
            for takeovers in lose(bench, contender, case.load, case.condition, rounds // turns, missing):
                late = [taken.late for taken in takeovers if taken.late is not None]
                told = [time for taken in takeovers for time in taken.announced_late if time is not None]
                every[contender.name] += late
                last[contender.name] += [max(late)] if late else []
                announced[contender.name] += [max(told)] if told else []
    yield distribution(case.name, "first advert late, each VR", "ms", every)
    yield distribution(case.name, "first advert late, the last VR", "ms", last)
    yield distribution(case.name, "gratuitous ARP late, the last address", "ms", announced)
    if any(missing.values()):
        yield value(case.name, "no Backup before, or no takeover", "times", missing)


SCENARIO = Scenario("mass", "Every Master falls silent at once", _measure)
