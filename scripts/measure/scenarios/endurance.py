# SPDX-License-Identifier: BSD-2-Clause
"""Two routers of one make at 10 ms, Master and Backup: idle, busy, and flooded by a third host. What the switch sees:
takeovers that nobody needed, and how evenly the Master advertises."""

import time
from collections import defaultdict
from dataclasses import replace

from lab.capture import Capture, now
from lab.mastership import Mastership
from lab.packets import Advert
from lab.run import Run
from lab.sockets import VRRP_ONLY

from ..bench import Scenario, distribution, value
from ..conditions import FLOODS, condition
from ..lan import Lans, Load
from ..spent import Meter

_LOAD = Load()
_PRIORITIES = {"dut": 200, "tst": 100}  # the Master, the Backup
_SECONDS = {"idle": 10, "busy": 20, **dict.fromkeys(FLOODS, 10)}  # a minute of load and floods
_QUICK_SECONDS = 3
_KEY = (1, 4)
_APART = 3  # intervals without an advert of the Backup: what comes then is another takeover


class Pair:
    """`load`: one virtual router."""

    def __init__(self, run, bench, contender, load=_LOAD):
        self.lans = Lans(run, load, ("dut", "tst", "attacker"))
        self.routers = {name: contender.make(run, self.lans.hosts[name], replace(load, priority=priority).all())
                        for name, priority in _PRIORITIES.items()}
        segment = self.lans.segments[0]
        self.capture = Capture(what=VRRP_ONLY).add(segment.name, segment.switch, self.routers)
        self._tools = bench.tools

    def begin(self):
        for router in self.routers.values():
            router.start()
        self.settle()

    def settle(self):
        wrong = Mastership(self.capture).wait({_KEY: "dut"}, 20, count=20)
        if wrong:
            raise TimeoutError("two routers do not agree on a Master")

    def endure(self, name, seconds):
        """Figures by name."""
        meters = {role: Meter(self.routers[role].pid()) for role in self.routers}
        with condition(name, self._tools, self.lans):
            since, sent = now(), self.lans.sent("attacker")
            time.sleep(seconds)
            until, sent = now(), self.lans.sent("attacker") - sent
        costs = {role: meter.read() for role, meter in meters.items()}
        interval = self.lans.load.interval * 1e9
        usurped = [advert.time for advert in self.capture.select(Advert, since, port="tst") if advert.time < until]
        # A Master that falls silent for good has no next advert: the span's own ends count.
        times = [since, *(advert.time for advert in self.capture.select(Advert, since, port="dut")
                          if advert.time < until), until]
        gaps = [after - before for before, after in zip(times, times[1:])]
        return {
            "gaps": [gap / 1e6 for gap in gaps],
            "Backup takes over": sum(after - before > _APART * interval for before, after in zip([0, *usurped], usurped)),
            "adverts missed": sum(round(gap / interval) - 1 for gap in gaps if gap > 1.5 * interval),
            "Master's CPU": costs["dut"].percent,
            "Backup's CPU": costs["tst"].percent,
            "Backup's wake-ups": costs["tst"].wakeups,
            "flood": sent / seconds / 1000,
        }


UNITS = {"Backup takes over": "times", "adverts missed": "times", "Master's CPU": "% of a core",
          "Backup's CPU": "% of a core", "Backup's wake-ups": "a second"}


def _measure(bench):
    found = defaultdict(lambda: defaultdict(dict))
    spans = {name: _QUICK_SECONDS if bench.quick else seconds for name, seconds in _SECONDS.items() if bench.wants(name)}
    for contender in bench.by_turns(1, "endurance"):
        with bench.attempt(f"endurance, {contender.name}"), Run() as run:
            pair = Pair(run, bench, contender)
            with pair.capture:
                pair.begin()
                for name, seconds in spans.items():
                    pair.settle()
                    for what, result in pair.endure(name, seconds).items():
                        found[name][what][contender.name] = result
    for name, figures in found.items():
        yield distribution(f"{name}, {spans[name]} s", "from advert to advert", "ms", figures.pop("gaps"), tail=True)
        rates = figures.pop("flood")
        for what, by in figures.items():
            yield value(f"{name}, {spans[name]} s", what, UNITS[what], by)
        if name in FLOODS:
            yield value(f"{name}, {spans[name]} s", "the flood", "thousand packets a second", rates, compared=False)


SCENARIO = Scenario("endurance", "A Master and a Backup under load and floods", _measure)
