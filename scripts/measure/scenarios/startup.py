# SPDX-License-Identifier: BSD-2-Clause
"""From the execution of a daemon with 1,000 virtual routers until each of them runs: a Backup without a Master advertises
a Master_Down_Interval after its start."""

from collections import defaultdict

from lab.run import Run

from ..bench import Scenario, distribution
from ..lan import Lans, Load
from ..masters import Masters

_LOADS = (Load(1, interval=1.0), Load(1000, interval=1.0))


def _measure(bench):
    for load in _LOADS:
        case = str(load)
        if bench.quick or not bench.wants(case):
            continue
        last = defaultdict(list)
        for contender in bench.by_turns(3, f"startup, {case}"):
            last[contender.name].append(_start(bench, contender, load))
        yield distribution(case, "until the last virtual router runs", "ms", last)


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
