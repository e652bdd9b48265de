# SPDX-License-Identifier: BSD-2-Clause
"""A Backup whose daemon was held up does not act on what has passed meanwhile: the kernel has listened for it."""

import signal
import time

import pytest

from arena import Arena, contenders
from lab import processes
from lab.capture import now
from lab.packets import Advert
from lab.routers import OwnTimerRouter, XvrrpRouter
from lab.run import Run

KINDS = {"v2": (2, 4, 1.0), "v3-ipv4": (3, 4, 0.2), "v3-ipv6": (3, 6, 0.2)}


@pytest.mark.parametrize("make_router", [XvrrpRouter, OwnTimerRouter])
@pytest.mark.parametrize("kind", KINDS)
def test_a_master_that_came_back_stays(xvrrpd, kind, make_router):
    """Its priority is ours, so that a Backup that takes over now would stay Master beside it."""
    with Run() as run, Arena(run, contenders({"plain": {}}, {kind: KINDS[kind]}), make_router) as arena:
        contender = arena.contenders[f"{kind}:plain"]
        router = contender.router
        arena.dut.start()
        master = contender.message(priority=router.priority)
        arena.as_backup(contender, priority=router.priority)
        pid = arena.dut.pid()
        processes.send_signal(pid, signal.SIGSTOP)
        try:
            # It falls silent: the kernel says so, and nobody reads it.
            wait_s = router.master_down() + 0.3
            time.sleep(wait_s)
            with arena.speaker.repeating(master, router.interval):
                arena.capture.wait(Advert, 10, now(), 3, port="tst", **contender.key)
                since = now()
                processes.send_signal(pid, signal.SIGCONT)
                arena.capture.wait(Advert, 10, since, 5, port="tst", **contender.key)
                assert arena.state(contender) == "BACKUP"
                assert arena.ours(contender) == []
                assert arena.dut.instance(router.vrid, router.family)["counters"]["became_master"] == 0
        finally:
            processes.send_signal(pid, signal.SIGCONT)
