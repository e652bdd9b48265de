# SPDX-License-Identifier: BSD-2-Clause
"""A few rounds of scripts/chaos, and that it can fail."""

import random

import pytest

from havoc.__main__ import Chaos
from havoc.arena import Arena
from havoc.invariants import Violation, Watch, judge_leftovers
from lab.capture import now
from lab.routers import XvrrpRouter
from lab.segment import INTERFACE


@pytest.mark.seconds(150)
def test_some_rounds(run, xvrrpd):
    said = []
    chaos = Chaos(run, 2, XvrrpRouter.binaries, random.randrange(2**32), said.append)
    print(f"seed {chaos.seed}")
    chaos.start()
    for _round in range(3):
        chaos.round()
    chaos.end()
    assert len(said) == 3


@pytest.mark.seconds(60)
def test_what_is_wrong_is_seen(run, xvrrpd):
    """Somebody gives a Backup the address as well; a router leaves the address behind; nobody is there."""
    arena = Arena(run, 2, XvrrpRouter.binaries)
    alpha, beta = arena.routers.values()
    for router in (alpha, beta):
        router.start()
    with Watch(arena) as watch:
        watch.settle()
        since = now()
        beta.namespace.ip("addr", "add", "192.0.2.100/32", "dev", INTERFACE)
        watch.wait_answers("beta", 300)
        with pytest.raises(Violation, match="alpha and beta answered"):
            watch.judge(since, now())
        beta.stop()
        with pytest.raises(Violation, match="beta has ended, and left 192.0.2.100"):
            judge_leftovers(arena, "beta")
        alpha.stop()
        since = now()
        with pytest.raises(Violation, match="no advert for"):
            watch.judge(since, now() + 10_000_000_000)
