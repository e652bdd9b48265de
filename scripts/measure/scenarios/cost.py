# SPDX-License-Identifier: BSD-2-Clause
"""What a router costs while nothing happens: its daemon's processor time, wake-ups and memory, as Backup and as Master."""

import time
from collections import defaultdict

from lab.run import Run

from ..bench import Scenario, value
from ..lan import Lans, Load
from ..masters import Masters
from ..spent import Meter, maps_mib, resident_mib

_LOADS = (Load(1), Load(50), Load(250), Load(1000))
_QUICK = (Load(1), Load(250))
_FIELDS = (("percent", "daemon's CPU", "% of a core"), ("wakeups", "daemon's wake-ups", "a second"),
           ("machine_percent", "the machine's CPU, all that runs", "% of a core"))


def _measure(bench):
    for load in _QUICK if bench.quick else _LOADS:
        if bench.wants(str(load)):
            yield from measure_load(bench, load)


def measure_load(bench, load):
    """Figures of a daemon with this load, as Backup and as Master."""
    costs, sent, memory = defaultdict(dict), defaultdict(dict), defaultdict(dict)
    for contender in bench.by_turns(1, f"cost, {load}"):
        with bench.attempt(f"cost, {load}, {contender.name}"):
            for role, cost, adverts, resident, maps in _roles(bench, contender, load):
                costs[role][contender.name] = cost
                sent[role][contender.name] = adverts
                memory["memory, resident"][contender.name] = resident
                memory["memory, BPF maps"][contender.name] = maps
    for role, by in costs.items():
        for field, what, unit in _FIELDS:
            yield value(f"{load}, {role}", what, unit, {name: getattr(cost, field) for name, cost in by.items()})
        due = f"a second; due as Master: {load.routers / load.interval:g}"
        yield value(f"{load}, {role}", "frames sent", due, sent[role], compared=False)
        if role == "Master":
            # What a daemon that has no time does not send costs it nothing.
            yield value(f"{load}, {role}", "daemon's CPU, each frame sent", "us",
                        {name: cost.percent * 1e4 / sent[role][name] for name, cost in by.items() if sent[role][name]})
    for what, by in memory.items():
        yield value(str(load), what, "MiB", by)


def _roles(bench, contender, load):
    seconds = 2 if bench.quick else 4
    with Run() as run:
        lans = Lans(run, load)
        dut = contender.make(run, lans.hosts["dut"], load.all())
        with Masters(bench.tools, lans).present(seconds + 60):
            dut.start(60)
            time.sleep(2)  # its start is not what is measured
            yield "Backup", *_look(lans, dut.pid(), seconds)
        dut.wait_state(30, "MASTER")
        time.sleep(2)  # nor is the takeover
        yield "Master", *_look(lans, dut.pid(), seconds)
        dut.stop(60)


def _look(lans, pid, seconds):
    before = lans.sent("dut")
    meter = Meter(pid)
    time.sleep(seconds)
    return meter.read(), (lans.sent("dut") - before) / seconds, resident_mib(pid), maps_mib(pid)


SCENARIO = Scenario("cost", "Nothing happens", _measure)
