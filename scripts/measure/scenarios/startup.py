# SPDX-License-Identifier: BSD-2-Clause
"""From the execution of a daemon until all of its virtual routers are Master, less the Master_Down_Interval that they wait:
how long it takes to start, and to take over all of them at once."""

from collections import defaultdict

from lab.run import Run

from ..bench import Scenario, distribution
from ..lan import Lans, Load
from ..masters import Masters

_LOADS = (Load(1, interval=0.1), Load(1000, interval=0.1))


def _measure(bench):
    for load in _LOADS:
        case = str(load)
        if bench.quick or not bench.wants(case):
            continue
        last = defaultdict(list)
        for contender in bench.by_turns(5, f"startup, {case}"):
            with bench.attempt(f"startup, {case}, {contender.name}"):
                last[contender.name].append(_start(bench, contender, load))
        yield distribution(case, "until the last virtual router advertises", "ms", last)


def _start(bench, contender, load):
    with Run() as run:
        lans = Lans(run, load)
        dut = contender.make(run, lans.hosts["dut"], load.all())
        with Masters(bench.tools, lans).listening(30) as first_adverts:
            dut.launch()
            adverts = first_adverts()
        dut.stop(60)
    if 0 in adverts:
        raise TimeoutError(f"{contender.name}: {adverts.count(0)} of {load.routers} virtual routers did not start")
    return (max(adverts) - dut.started) / 1e6 - load.all()[0].master_down() * 1e3


SCENARIO = Scenario("startup", "The daemon is executed", _measure)
