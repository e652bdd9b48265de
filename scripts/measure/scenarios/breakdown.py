# SPDX-License-Identifier: BSD-2-Clause
"""Where a takeover's time goes in xvrrp, step by step, as the kernel's tracer sees it (which costs some of that time):
the data plane's timer, the event, the election thread, the advert, the role, the addresses, the gratuitous ARP."""

from collections import defaultdict

from lab.run import Run

from ..bench import Scenario, distribution
from ..conditions import condition
from ..contenders import CONTENDERS, OURS
from ..lan import Lans, Load
from ..masters import Masters
from ..tracing import BPF, EPOLL_PWAIT2, SENDMMSG, SENDTO, Tracer, election_thread, is_call, symbol

_CASES = {"10 ms, idle": (Load(), "idle", 40), "10 ms, busy": (Load(), "busy", 40),
          "250 VRs, 10 ms, idle": (Load(250), "idle", 10)}
# A takeover of many may take several turns of the election thread; those that follow each other so closely are one.
_APART_US = 15_000


def _events(thread):
    timer = f"function == {symbol('bpf_timer_cb')}"
    return {"timer/hrtimer_start": timer, "timer/hrtimer_expire_entry": timer, "sched/sched_waking": f"pid == {thread}",
            "raw_syscalls/sys_enter": f"common_pid == {thread}", "raw_syscalls/sys_exit": f"common_pid == {thread}",
            "net/netif_receive_skb": 'name == "dut"'}


def _turns(traced):
    """What happened from each return of epoll to the next call of it: indices into the trace."""
    begin = None
    for at, event in enumerate(traced):
        if is_call(event, EPOLL_PWAIT2, "sys_exit"):
            begin = at
        elif is_call(event, EPOLL_PWAIT2, "sys_enter") and begin is not None:
            yield begin, at
            begin = None


def _takeovers(traced):
    """The first turn and the end of the last one of each takeover: one in which adverts go out before addresses change,
    and those that follow with further addresses and their announcements. (A router that steps down removes its
    addresses without a word.)"""
    found = []
    for begin, end in _turns(traced):
        calls = [number for event in traced[begin:end] for number in (SENDMMSG, SENDTO)
                 if is_call(event, number, "sys_enter")]
        if not {SENDTO, SENDMMSG} <= set(calls):
            continue
        if found and traced[begin].us - traced[found[-1][1]].us < _APART_US:
            found[-1] = (found[-1][0], end)
        elif calls[0] == SENDMMSG:
            found.append((begin, end))
    return found


def _last(traced, end, test):
    return next(event for event in reversed(traced[:end]) if test(event))


def _steps(traced, begin, end):
    """The moments of a takeover, in order, in microseconds."""
    def first(test, since=0):
        return next(event.us for event in traced[begin:end] if event.us >= since and test(event))

    def last(number):
        return _last(traced[begin:], end - begin, lambda event: is_call(event, number, "sys_exit")).us

    def at_switch(event):
        return event.event == "netif_receive_skb"

    fired = _last(traced, begin, lambda event: event.event == "hrtimer_expire_entry")
    deadline = _last(traced, begin, lambda event: event.event == "hrtimer_start" and event.us < fired.us
                     and event.number("hrtimer") == fired.number("hrtimer")).number("expires") / 1000
    asked = first(lambda event: is_call(event, SENDMMSG, "sys_enter"))
    changed = first(lambda event: is_call(event, SENDTO, "sys_exit"))
    announced = first(lambda event: is_call(event, SENDMMSG, "sys_enter"), changed)
    return {
        "deadline": deadline,
        "the timer fires": fired.us,
        "the election thread is woken": _last(traced, begin, lambda event: event.event == "sched_waking").us,
        "it runs, and epoll returns": traced[begin].us,
        "it sends the adverts": asked,
        "the first advert is at the switch": first(at_switch, asked),
        "the first role is told to the kernel": first(lambda event: is_call(event, BPF, "sys_exit"), asked),
        "the first addresses are in place": changed,
        "it sends the gratuitous ARPs": announced,
        "the first of them is at the switch": first(at_switch, announced),
        "the last call returns": last(SENDMMSG),
    }


def _measure(bench):
    if OURS not in bench.contenders:
        return
    for case, (load, what, rounds) in _CASES.items():
        if not bench.wants(case):
            continue
        with bench.progress.waiting(f"breakdown, {case}"):
            traced = _trace(bench, load, what, 10 if bench.quick else rounds)
        taken, whole = defaultdict(list), []
        for begin, end in _takeovers(traced):
            try:
                moments = list(_steps(traced, begin, end).items())
            except StopIteration:
                continue  # cut off by the trace's own end
            for (_name, before), (name, moment) in zip(moments, moments[1:]):
                taken[name].append(moment - before)
            whole.append(moments[-1][1] - moments[0][1])
        for name, times in [*taken.items(), ("altogether", whole)]:
            yield distribution(case, name, "us", {OURS: times})


def _trace(bench, load, what, rounds):
    with Run() as run:
        lans = Lans(run, load)
        dut = CONTENDERS[OURS].make(run, lans.hosts["dut"], load.all())
        dut.start(60)
        masters = Masters(bench.tools, lans)
        with condition(what, bench.tools, lans), Tracer(run, _events(election_thread(dut.pid()))) as tracer:
            masters.lose(rounds)
        traced = tracer.events()
        dut.stop(30)
    return traced


SCENARIO = Scenario("breakdown", "Where xvrrp's time goes: each step, after the one before it", _measure)
