# SPDX-License-Identifier: BSD-2-Clause
"""Adverts hold as many addresses as the interface's MTU has room for, as it is now, whatever it was."""

import pytest

from checks import wait_until
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRID, COUNT = 7, 40
SMALL, ROOM = 120, 21  # 20 of IPv4, 8 of VRRP and 8 of VRRPv2's authentication, whose adverts are the longest
ADDRESSES = tuple(f"10.8.0.{number}/32" for number in range(1, COUNT + 1))


class Lan(Segment):
    def __init__(self, run):
        super().__init__(run, {"one": 251, "two": 252})
        self.one, self.two = (XvrrpRouter(run, self.hosts[name], keepalived_conf(
            [VirtualRouter(VRID, ADDRESSES, interval=0.1, priority=priority)]))
            for name, priority in (("one", 200), ("two", 100)))

    def set(self, interface=INTERFACE, *words):
        self.hosts["one"].ip("link", "set", interface, *words)

    def wait_advert(self, count):
        """One that holds so many, and no other after it."""
        wait_until(lambda: [ad for ad in self.capture.select(Advert, port="one") if len(ad.addresses) == count], 10,
                   f"an advert of {count} addresses")
        since = now()
        adverts = self.capture.wait(Advert, 10, since, count=3, port="one")
        assert {advert.addresses for advert in adverts} == {tuple(prefix.partition("/")[0] for prefix in ADDRESSES[:count])}


@pytest.fixture
def lan(run, xvrrpd):
    lan = Lan(run)
    with lan.capture() as lan.capture:
        yield lan


def installed(lan):
    return set(ADDRESSES) <= set(lan.hosts["one"].addresses(INTERFACE))


def test_an_mtu_that_shrinks_and_grows_in_place(lan):
    """The Master stays what it is, with all of its addresses; and a Backup has learned of it by the time it takes over."""
    lan.one.start()
    lan.two.start()
    lan.wait_advert(COUNT)
    lan.set(INTERFACE, "mtu", str(SMALL))
    lan.wait_advert(ROOM)
    said = lan.one.log.read_text()
    assert f"adverts on {INTERFACE} hold {ROOM} of its {COUNT} virtual addresses (its MTU is {SMALL})" in said
    assert "10.8.0.22, 10.8.0.23" in said, "what is left out"
    assert installed(lan)
    lan.set(INTERFACE, "mtu", "1500")
    lan.wait_advert(COUNT)
    assert installed(lan) and lan.one.states()[VRID, 4] == "MASTER" and lan.two.states()[VRID, 4] == "BACKUP"
    assert lan.one.instance(VRID)["counters"]["became_master"] == 1


def test_an_interface_that_comes_back_with_a_larger_mtu(lan):
    lan.set(INTERFACE, "mtu", str(SMALL))
    lan.one.start()
    lan.wait_advert(ROOM)
    lan.set(INTERFACE, "down")
    lan.set(INTERFACE, "name", "away")
    wait_until(lambda: lan.one.states()[VRID, 4] == "FAULT", 10, "FAULT")
    lan.set("away", "mtu", "1500")
    lan.set("away", "name", INTERFACE)
    lan.set(INTERFACE, "up")
    lan.wait_advert(COUNT)
    assert installed(lan)


def test_a_reload_after_the_mtu_has_changed_changes_nothing_more(lan):
    lan.set(INTERFACE, "mtu", str(SMALL))
    lan.one.start()
    lan.wait_advert(ROOM)
    lan.set(INTERFACE, "mtu", "1500")
    lan.wait_advert(COUNT)
    assert "1 unchanged" in lan.one.vrrpctl("reload").stdout
