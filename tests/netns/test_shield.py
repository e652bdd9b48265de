# SPDX-License-Identifier: BSD-2-Clause
"""keepalived behind `vrrpctl load IF --vrid N`, in a flood of other people's virtual routers."""

import functools
import time
from dataclasses import dataclass

import pytest

from checks import EARLY_MS
from lab import configs, processes
from lab.capture import now
from lab.network import INTERFACE, VRID
from lab.packets import Advert
from lab.routers import KeepalivedRouter
from lab.staging import staged
from lab.timers import Timers

SECONDS = 4
PPS = 50_000
INTERVAL_MS = 200


@pytest.fixture
def stage(run, vrrpctl, flood):
    configuration = functools.partial(configs.multicast_v3, interval=str(INTERVAL_MS / 1000))
    with staged(run, (KeepalivedRouter, KeepalivedRouter), configuration, Timers(3, INTERVAL_MS)) as stage:
        yield stage


def shield(vrrpctl, router):
    router.namespace.run(vrrpctl, "--instance", router.namespace.name, "load", INTERFACE, "--vrid", str(VRID))


def unshield(vrrpctl, router):
    router.namespace.run(vrrpctl, "--instance", router.namespace.name, "unload", INTERFACE)


@dataclass(frozen=True)
class Flooded:
    """What a flood did to the two routers."""
    rate: str  # of the flood
    shares: dict  # of a core that each daemon took
    usurped: int  # adverts of the Backup
    silence_ms: float  # longest gap in the Master's adverts

    def __str__(self):
        shares = ", ".join(f"{name.upper()} {share * 100:.2f} %" for name, share in self.shares.items())
        return (f"{self.rate}: keepalived takes of a core: {shares}; {self.usurped} adverts of the Backup; "
                f"the Master is silent for {self.silence_ms:.0f} ms at most")


def endure(stage, flood):
    """Floods the LAN from PC1 while both routers work."""
    before = {name: processes.cpu_ns(router.pid()) for name, router in stage.routers.items()}
    since, start = now(), time.monotonic()
    sent = stage.network.pc1.run(flood, "--interface", "eth0", "--seconds", str(SECONDS), "--pps", str(PPS),
                                 "--except", str(VRID), "--priority", "200").stdout
    took = time.monotonic() - start
    adverts = stage.observer.select(Advert, since, port="dent2", vrid=VRID)
    return Flooded(
        rate=sent.rpartition(": ")[2].strip(),
        shares={name: (processes.cpu_ns(router.pid()) - before[name]) / 1e9 / took
                for name, router in stage.routers.items()},
        usurped=len(stage.observer.select(Advert, since, port="dent3", vrid=VRID)),
        silence_ms=max((later.time - earlier.time) / 1e6 for earlier, later in zip(adverts, adverts[1:])))


@pytest.mark.seconds(90)
def test_flood_of_foreign_vrids(stage, vrrpctl, flood, record_property):
    stage.begin()
    for router in stage.routers.values():
        shield(vrrpctl, router)
    stage.settle()
    shielded = endure(stage, flood)
    record_property("shielded", shielded)
    assert shielded.usurped == 0
    assert max(shielded.shares.values()) < 0.02
    assert [router.state() for router in stage.routers.values()] == ["MASTER", "BACKUP"]

    # What happens without: told, and judged only by the comparison.
    for router in stage.routers.values():
        unshield(vrrpctl, router)
    bare = endure(stage, flood)
    record_property("bare", bare)
    assert max(bare.shares.values()) > max(shielded.shares.values())


def test_the_shield_lets_a_takeover_through(stage, vrrpctl):
    stage.begin()
    for router in stage.routers.values():
        shield(vrrpctl, router)
    stage.settle()
    killed = stage.kill()
    assert killed.through == "dent3"
    assert killed.late_ms > -EARLY_MS
