# SPDX-License-Identifier: BSD-2-Clause
"""Questions that several tests ask."""

import os
import pathlib
import time

from lab.network import INTERFACE, VIRTUAL_ADDRESS

# Two reads of two clocks; a timer is never earlier than this.
EARLY_MS = 0.5
# A noisy machine may be late; that it is not later than this tells a late takeover from a wrong timer. The timings that
# are promised are measured by scripts/demo and by the benchmarks.
LATE_MS = 250


def wait_until(condition, timeout=5, what="the condition"):
    """Polls; returns the condition's value once it is true. `what` may be a function, to be asked at the end."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{timeout} s without {what() if callable(what) else what}"
        time.sleep(0.02)
    return value


def assert_on_time(measurement, new_master, late_ms=LATE_MS):
    assert measurement.late_ms > -EARLY_MS
    assert measurement.late_ms < late_ms
    assert measurement.through == new_master
    assert measurement.leaks == 0


def threads(pid):
    return [int(path.name) for path in pathlib.Path(f"/proc/{pid}/task").iterdir()]


def realtime_threads(pid):
    """Those that elect."""
    return [thread for thread in threads(pid)
            if os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR)]


def has_virtual_address(namespace):
    return f"{VIRTUAL_ADDRESS}/24" in namespace.addresses(INTERFACE)


def nft_rules(namespace):
    return namespace.run("nft", "list", "ruleset").stdout


def holds_nothing(namespace):
    """A router that ended: no virtual address, no rule of ours."""
    return not has_virtual_address(namespace) and nft_rules(namespace).strip() == ""
