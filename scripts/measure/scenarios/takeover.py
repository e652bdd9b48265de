# SPDX-License-Identifier: BSD-2-Clause
"""How late a Backup takes over: on the wire, against the RFC's timer.

Nothing but its Master's silence happens to a Backup: the last advert, the Backup's first, and its first gratuitous ARP
are timed by the kernel on the switch's ports.
"""

from collections import defaultdict
from dataclasses import dataclass

from lab.run import Run

from ..bench import Scenario, distribution, value
from ..conditions import FLOODS, condition
from ..lan import Lans, Load
from ..masters import Masters


@dataclass(frozen=True)
class _Case:
    name: str
    load: Load
    rounds: int  # in all; of `load.routers` takeovers each
    turns: int = 2
    condition: str = "idle"
    stagger: bool = False  # the virtual routers lose their Masters one after the other
    quick_rounds: int = 0  # 0: not measured


_ONE = Load()
_TENTH = Load(10, interval=0.1)
_SECOND = Load(40, interval=1.0)
_CASES = (
    _Case("10 ms, idle", _ONE, 160, quick_rounds=40),
    _Case("10 ms, busy", _ONE, 160, condition="busy", quick_rounds=40),
    _Case("10 ms, use_vmac, idle", Load(extra=("use_vmac",)), 60, quick_rounds=20),
    *(_Case(f"10 ms, flood: {flood}", _ONE, 30, condition=flood) for flood in FLOODS),
    _Case("100 ms, idle", _TENTH, 8, stagger=True, quick_rounds=2),
    _Case("100 ms, busy", _TENTH, 8, condition="busy", stagger=True),
    _Case("1 s, idle", _SECOND, 1, turns=1, stagger=True),
    _Case("1 s, busy", _SECOND, 1, turns=1, condition="busy", stagger=True),
)


def wanted(bench, cases):
    """Cases with their rounds."""
    for case in cases:
        rounds = case.quick_rounds if bench.quick else case.rounds
        if rounds and bench.wants(case.name):
            yield case, rounds


def _measure(bench):
    for case, rounds in wanted(bench, _CASES):
        yield from _measure_case(bench, case, rounds)


def _measure_case(bench, case, rounds):
    late, announced, missing = defaultdict(list), defaultdict(list), {}
    turns = 1 if bench.quick else case.turns
    for contender in bench.by_turns(turns, f"takeover, {case.name}"):
        with bench.attempt(f"takeover, {case.name}, {contender.name}"):
            for takeovers in lose(bench, contender, case.load, case.condition, rounds // turns, missing, case.stagger):
                late[contender.name] += [taken.late for taken in takeovers if taken.late is not None]
                announced[contender.name] += [time for taken in takeovers for time in taken.announced if time is not None]
    yield distribution(case.name, "first advert late", "ms", late)
    yield distribution(case.name, "gratuitous ARP after it", "ms", announced)
    if any(missing.values()):
        yield value(case.name, "no Backup before, or no takeover", "times", missing)


def lose(bench, contender, load, name, rounds, missing, stagger=False):
    """Rounds of takeovers by a freshly started daemon, in the condition of this name; `missing` counts by contender those
    that could not be had."""
    members = ("dut", "tst", "attacker") if name in FLOODS else ("dut", "tst")
    with Run() as run:
        lans = Lans(run, load, members)
        dut = contender.make(run, lans.hosts["dut"], load.all())
        dut.start(60)
        masters = Masters(bench.tools, lans)
        with condition(name, bench.tools, lans):
            found = masters.lose(rounds, 10, stagger)
        dut.stop(30)
    never = sum(taken.late is None for takeovers in found for taken in takeovers)
    missing[contender.name] = missing.get(contender.name, 0) + (rounds - len(found)) * load.routers + never
    return found


SCENARIO = Scenario("takeover", "One Master falls silent", _measure)
