# SPDX-License-Identifier: BSD-2-Clause
"""xvrrpd without bpf_timer, as on PREEMPT_RT kernels: the election thread keeps Master_Down_Timer.

The tests of the elections that are about that timer, in the network of this file; and what is different.
"""

import contextlib
import os
import re

import pytest

from arena import Arena, contenders
from checks import wait_until
from lab.capture import now
from lab.packets import Advert
from lab.routers import OwnTimerRouter
from lab.run import Run
from test_elections import (KINDS, ROUTERS, test_a_higher_priority_silences_a_master,  # noqa: F401
                            test_a_longer_interval_is_learned, test_a_lower_priority_does_not_restart_the_timer,
                            test_a_shorter_interval_is_learned, test_after_a_resignation_a_new_master_may_come,
                            test_an_owner_preempts_always, test_backup_is_silent_while_there_is_a_master,
                            test_equal_priority_is_heeded_whatever_the_address, test_priority_zero_leaves_skew_time,
                            test_skew_time_is_of_the_learned_interval, test_without_preemption_it_does)
from test_wakeups import SYSTEM_CALLS, switches


@pytest.fixture(scope="module")
def arena(xvrrpd):
    with Run() as run, Arena(run, contenders(ROUTERS, KINDS), OwnTimerRouter) as arena:
        arena.dut.start()
        yield arena


def test_it_is_said(arena):
    """In the log at the start, and in the status."""
    assert arena.dut.status()["daemon"]["master_down_timer"] == "controller"
    assert re.search(r"warn.*no bpf_timer \(PREEMPT_RT kernels refuse it\): xvrrpd times the Master itself",
                     arena.dut.log.read_text())
    assert not os.path.exists(f"/sys/fs/bpf/xvrrp/{arena.dut.namespace.name}/down_timer")


def test_a_backup_wakes_once_per_master_down_interval(arena):
    """And not per advert. Every router in this network is a Backup meanwhile."""
    every = list(arena.contenders.values())
    with contextlib.ExitStack() as masters:
        for one in every:
            masters.enter_context(arena.speaker.repeating(one.message(priority=255), one.router.interval))
        wait_until(lambda: {arena.state(one) for one in every} == {"BACKUP"}, what="Backups only")
        pid, since = arena.dut.pid(), now()
        heard, slept = arena.dut.counter("backup_restart"), switches(pid)
        arena.capture.wait(Advert, 40, since, 400, port="tst")  # asking the daemon would wake it
        woken, seconds = switches(pid) - slept, (now() - since) / 1e9
        heard = arena.dut.counter("backup_restart") - heard
    # Of the 3 intervals and Skew_Time that the timer was set to run, at most one had passed when it was asked for.
    expiries = sum(seconds / (2 * one.router.interval) for one in every)
    print(f"{heard} adverts heard in {seconds:.1f} s, {woken} sleeps ended")
    assert 0 < woken < expiries + SYSTEM_CALLS < heard
