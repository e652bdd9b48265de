# SPDX-License-Identifier: BSD-2-Clause
"""A Backup in steady state, a hundred adverts a second: its daemon sleeps."""

import pathlib
import re

import pytest

from lab import configs
from lab.capture import now
from lab.routers import XvrrpRouter
from lab.staging import staged
from lab.timers import Timers

SECONDS = 10
# What a daemon may do for reasons of its own: it looks every second whether its programs are attached still and its files
# there, with seven calls here. It wakes once for that; the tracer wakes it twice for each call, and for coming and going.
WAITS, SYSTEM_CALLS, SLEEPS = 20, 100, 200


@pytest.fixture
def stage(run, xvrrpd):
    with staged(run, (XvrrpRouter, XvrrpRouter), configs.multicast_v3, Timers(3, 10)) as stage:
        stage.begin()
        yield stage


def switches(pid):
    """Voluntary context switches of a process, over its threads: one per sleep that ended."""
    texts = [path.read_text() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.MULTILINE)[1]) for text in texts)


def traced(router, table):
    """Counts the daemon's system calls for a while, by name."""
    # timeout(1) ends the tracer, never the daemon.
    tracer = router.namespace.run("timeout", "--signal=INT", str(SECONDS), "strace", "-f", "-c", "-U", "calls,name",
                                  "-o", str(table), "-p", str(router.pid()), check=False)
    assert "attached" in tracer.stderr, tracer.stderr
    calls = {name: int(count) for count, name in re.findall(r"^\s*(\d+)\s+(\w+)$", table.read_text(), re.MULTILINE)}
    calls.pop("total", None)  # strace's own line; a table without any call is empty
    return calls


@pytest.mark.seconds(120)
def test_adverts_wake_nobody(stage, tmp_path):
    backup = stage.routers["dent3"]
    for _attempt in range(5):
        stage.settle()
        since, heard = now(), backup.counter("backup_restart")
        slept = switches(backup.pid())
        calls = traced(backup, tmp_path / "strace")
        woken = switches(backup.pid()) - slept
        heard = backup.counter("backup_restart") - heard
        adverts = stage.observer.adverts("dent2", since)
        gap = max((later.time - earlier.time) / 1e6 for earlier, later in zip(adverts, adverts[1:]))
        print(f"{heard} adverts heard, longest gap {gap:.1f} ms; {woken} sleeps ended; system calls: {calls or 'none'}")
        # A machine that stops for longer than the Master_Down_Interval wakes the daemon, rightly: tried again. A daemon
        # that an advert wakes has a thousand sleeps in every attempt.
        waits = sum(count for name, count in calls.items() if name.startswith("epoll"))
        if woken < SLEEPS and waits < WAITS and sum(calls.values()) < SYSTEM_CALLS:
            break
    else:
        pytest.fail(f"the daemon slept through no {SECONDS} s of adverts")
    assert heard > SECONDS * 50
    assert stage.observer.adverts("dent3", since) == []
    assert backup.state() == "BACKUP"
