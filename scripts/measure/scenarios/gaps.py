# SPDX-License-Identifier: BSD-2-Clause
"""Whose fault a gap between adverts is. A Master at 1 ms, and each advert's way as the kernel's tracer sees it (which costs some of
that time): the moment it is due, the timer's interrupt, the wake-up of the election thread, its turn, the system call that sends."""

import time
from collections import Counter

from lab.run import Run

from ..bench import Scenario, distribution, value
from ..conditions import condition
from ..contenders import CONTENDERS, OURS
from ..lan import Lans, Load
from ..tracing import EPOLL_PWAIT2, SENDMMSG, Tracer, election_thread, is_call, symbol

_LOAD = Load(interval=0.001)
_LATE_US = 1000  # an interval: the next advert is due
_SECONDS, _QUICK_SECONDS = 20, 3
_BUFFER_KIB = 32768
STAGES = ("the timer's interrupt", "the wake-up", "the thread runs", "its turn", "the call that sends")


def _events(thread):
    timer = f"function == {symbol('timerfd_tmrproc')}"
    return {"timer/hrtimer_start": timer, "timer/hrtimer_expire_entry": timer, "sched/sched_waking": f"pid == {thread}",
            "raw_syscalls/sys_enter": f"common_pid == {thread}", "raw_syscalls/sys_exit": f"common_pid == {thread}"}


def _ways(traced, thread):
    """Of each advert that a timer brought about: how long each stage took, in us."""
    due, fired, woken, returned, asked = {}, None, None, None, None
    for event in traced:
        if event.event == "hrtimer_start" and event.pid == thread:
            due[event.number("hrtimer")] = event.number("expires") / 1000
        elif event.event == "hrtimer_expire_entry" and event.number("hrtimer") in due:
            fired = event
        elif event.event == "sched_waking":
            woken = event.us
        elif is_call(event, EPOLL_PWAIT2, "sys_exit"):
            returned, asked = event.us, None
        elif is_call(event, SENDMMSG, "sys_enter"):
            asked = event.us
        elif is_call(event, SENDMMSG, "sys_exit") and None not in (fired, woken, returned, asked):
            moments = (due[fired.number("hrtimer")], fired.us, max(fired.us, woken), returned, asked, event.us)
            if all(before <= after + 1 for before, after in zip(moments, moments[1:])):
                yield [after - before for before, after in zip(moments, moments[1:])]
            fired = woken = returned = asked = None


def _trace(bench, name, seconds):
    with Run() as run:
        lans = Lans(run, _LOAD)
        dut = CONTENDERS[OURS].make(run, lans.hosts["dut"], _LOAD.all())
        dut.start(60)
        dut.wait_state(20, "MASTER")
        thread = election_thread(dut.pid())
        with condition(name, bench.tools, lans), Tracer(run, _events(thread), _BUFFER_KIB) as tracer:
            time.sleep(seconds)
        ways = list(_ways(tracer.events(), thread))
        dut.stop(30)
    return ways


def _measure(bench):
    if OURS not in bench.contenders:
        return
    for name in ("idle", "busy"):
        case = f"1 ms, {name}"
        if not bench.wants(case):
            continue
        with bench.progress.waiting(f"gaps, {case}"):
            ways = _trace(bench, name, _QUICK_SECONDS if bench.quick else _SECONDS)
        for at, stage in enumerate(STAGES):
            yield distribution(case, stage, "us", {OURS: [way[at] for way in ways]}, tail=True)
        late = [way for way in ways if sum(way) > _LATE_US]
        yield value(case, "adverts later than an interval", "of " + str(len(ways)), {OURS: len(late)})
        longest = Counter(STAGES[way.index(max(way))] for way in late)
        for stage, count in longest.most_common():
            yield value(case, f"most of it: {stage}", "", {OURS: count})


SCENARIO = Scenario("gaps", "Whose fault a gap between adverts is: each stage of an advert's way", _measure)
