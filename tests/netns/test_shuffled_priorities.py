# SPDX-License-Identifier: BSD-2-Clause
"""52 virtual routers on four routers of three makes, every one with the priorities dealt anew: like a deck of cards."""

import random
import time

import pytest

from lab.capture import now
from lab.frr import FrrRouter
from lab.mastership import Mastership
from lab.run import Run
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

pytestmark = pytest.mark.seconds(240)

MEMBERS = {"one": 11, "two": 12, "keepalived": 13, "frr": 14}
PRIORITIES = (254, 180, 100, 1)
SEED = 52
VRIDS = range(1, 53)
INTERVAL = 0.2
_PATIENCE = 30


def family_of(vrid):
    return 4 if vrid % 2 else 6


def addresses_of(vrid):
    return (f"198.51.100.{vrid}/32",) if family_of(vrid) == 4 else (f"fe80::1:{vrid:x}/64", f"2001:db8::{vrid:x}/64")


def deal():
    """Priorities by host, of each VRID."""
    chance = random.Random(SEED)
    return {vrid: dict(zip(MEMBERS, chance.sample(PRIORITIES, len(MEMBERS)))) for vrid in VRIDS}


class Table:
    def __init__(self, run):
        self.segment = Segment(run, MEMBERS)
        self.hands = deal()
        self.routers = {host: self._router(run, host) for host in MEMBERS}
        self.capture = self.segment.capture()
        self.mastership = Mastership(self.capture)
        self.present = set()

    def _router(self, run, host):
        routers = [VirtualRouter(vrid, addresses_of(vrid), family=family_of(vrid), interval=INTERVAL,
                                 priority=self.hands[vrid][host]) for vrid in VRIDS]
        if host == "frr":
            return FrrRouter(run, self.segment, host, routers)
        if host == "keepalived":
            return KeepalivedRouter(run, self.segment.hosts[host], keepalived_conf(routers), realtime=True)
        return XvrrpRouter(run, self.segment.hosts[host], keepalived_conf(routers))

    def join(self, host):
        self.routers[host].launch()
        self.present.add(host)

    def leave(self, host, how):
        self.present.remove(host)
        getattr(self.routers[host], how)()

    def right(self):
        """The Master that each virtual router must have."""
        return {(vrid, family_of(vrid)): max(self.present, key=hand.get) for vrid, hand in self.hands.items()}

    def assert_settles(self):
        """Each virtual router gets its right Master, and for a while nobody else says a word."""
        assert self.mastership.wait(self.right(), _PATIENCE) == {}
        since = now()
        time.sleep(4 * INTERVAL)  # longer than the slowest of them stays silent before it usurps
        seen = {key: {advert.port for advert in adverts} for key, adverts in self.mastership.adverts(since).items()}
        assert seen == {key: {master} for key, master in self.right().items()}


@pytest.fixture(scope="module")
def table(xvrrpd):
    with Run() as run:
        table = Table(run)
        with table.capture:
            yield table


def test_everybody_starts(table):
    for host in MEMBERS:
        table.join(host)
    table.assert_settles()
    assert set(table.right().values()) == set(MEMBERS), "the deal makes everybody Master of something"


@pytest.mark.parametrize("how", ["stop", "kill"])
@pytest.mark.parametrize("host", MEMBERS)
def test_somebody_leaves_and_comes_back(table, host, how):
    table.leave(host, how)
    table.assert_settles()
    table.join(host)
    table.assert_settles()
