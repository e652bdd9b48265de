# SPDX-License-Identifier: BSD-2-Clause
"""Intervals below a centisecond, which no other router has: how late a Backup takes over, and how often it does so
without need. Ten minutes of load for the shortest."""

from collections import defaultdict

from lab.run import Run

from ..bench import Scenario, distribution, value
from ..contenders import CONTENDERS, OURS
from ..lan import Load
from .endurance import UNITS, Pair
from .takeover import lose

_INTERVALS_MS = (1, 2, 5)
_ROUNDS = 100
_SECONDS = {(1, "busy"): 600}
_USUAL_SECONDS, _QUICK_SECONDS = 30, 3


def _measure(bench):
    for interval_ms in _INTERVALS_MS:
        for name in ("idle", "busy"):
            case = f"{interval_ms} ms, {name}"
            if bench.wants(case):
                load = Load(interval=interval_ms / 1000)
                yield from _lateness(bench, case, load, name)
                yield from _endurance(bench, case, load, name, _SECONDS.get((interval_ms, name), _USUAL_SECONDS))


def _lateness(bench, case, load, name):
    late, announced, missing = defaultdict(list), defaultdict(list), {}
    with bench.progress.waiting(f"millisecond, {case}"), bench.attempt(f"millisecond, {case}"):
        for takeovers in lose(bench, CONTENDERS[OURS], load, name, 20 if bench.quick else _ROUNDS, missing):
            late[OURS] += [taken.late for taken in takeovers if taken.late is not None]
            announced[OURS] += [time for taken in takeovers for time in taken.announced if time is not None]
    yield distribution(case, "first advert late", "ms", late)
    yield distribution(case, "gratuitous ARP after it", "ms", announced)


def _endurance(bench, case, load, name, seconds):
    seconds = _QUICK_SECONDS if bench.quick else seconds
    with bench.progress.waiting(f"millisecond, {case}, {seconds} s"), bench.attempt(f"millisecond, {case}"), Run() as run:
        pair = Pair(run, bench, CONTENDERS[OURS], load)
        with pair.capture:
            pair.begin()
            found = pair.endure(name, seconds)
        yield distribution(f"{case}, {seconds} s", "from advert to advert", "ms", {OURS: found.pop("gaps")}, tail=True)
        found.pop("flood")
        for what, result in found.items():
            yield value(f"{case}, {seconds} s", what, UNITS[what], {OURS: result})


SCENARIO = Scenario("millisecond", "Intervals below a centisecond", _measure)
