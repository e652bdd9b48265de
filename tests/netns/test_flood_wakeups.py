# SPDX-License-Identifier: BSD-2-Clause
"""Nothing received from the network wakes the election thread without bound, and a flood that is over leaves a router that
works."""

import pathlib
import re
import subprocess

import pytest

from lab import configs
from lab.network import VRID
from lab.routers import XvrrpRouter
from lab.staging import staged
from lab.timers import Timers

SECONDS, PPS = 3, 20_000
INTERVAL_S = 0.1
# The ceiling of a virtual router's events in a second (docs/decisions/0015), the seconds that a flood may touch, and what
# the daemon does by itself in that time: adverts, reports, housekeeping, each a few wake-ups of several threads.
EVENTS = 250 * (SECONDS + 2)
OWN = 600
# Twice: an event may wake the manager, too. A flood without a bound would be this many.
LIMIT, UNBOUND = 2 * EVENTS + OWN, SECONDS * PPS


@pytest.fixture
def stage(run, xvrrpd):
    timers = Timers(3, round(INTERVAL_S * 1000))
    with staged(run, (XvrrpRouter, XvrrpRouter), lambda *of: configs.multicast_v3(*of, interval=str(INTERVAL_S)),
                timers) as stage:
        stage.begin()
        yield stage


def wakeups(pid):
    """Voluntary context switches of a process, over its threads: one per sleep that ended."""
    texts = [path.read_text() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.MULTILINE)[1]) for text in texts)


def attack(stage, flood, *kinds):
    """Floods the LAN from PC1, several floods at once."""
    floods = [subprocess.Popen(stage.network.pc1.enter(
        str(flood), "--interface", "eth0", "--seconds", str(SECONDS), "--pps", str(PPS // len(kinds)), "--vrids", str(VRID),
        "--interval", str(round(INTERVAL_S * 100)), *kind), stdout=subprocess.PIPE, text=True) for kind in kinds]
    return [one.communicate(timeout=SECONDS + 20)[0] for one in floods]


@pytest.mark.seconds(120)
@pytest.mark.parametrize("kinds", [
    pytest.param([("--priority", "200")], id="outranking"),
    pytest.param([("--priority", "50")], id="losing"),
    pytest.param([("--priority", "0")], id="resigning"),
    pytest.param([("--priority", "200", "--source", "192.168.1.240"), ("--priority", "201", "--source", "192.168.1.241")],
                 id="changing"),
    pytest.param([("--priority", "200"), ("--priority", "0")], id="coming-and-going"),
    pytest.param([("--bad-checksum",)], id="bad"),
])
def test_wakeups_are_bounded(stage, flood, record_property, kinds):
    stage.settle()
    before = {name: wakeups(router.pid()) for name, router in stage.routers.items()}
    sent = attack(stage, flood, *kinds)
    woken = {name: wakeups(router.pid()) - before[name] for name, router in stage.routers.items()}
    stage.settle()  # a flood that is over leaves a Master and a Backup
    told = f"{' '.join(one.strip() for one in sent)}; wake-ups: {woken}"
    print(told)
    record_property("flood", told)
    total = sum(int(re.search(r"sent (\d+) frames", one)[1]) for one in sent)
    assert total > UNBOUND / 4, "this machine is too busy to flood"
    assert max(woken.values()) < LIMIT
