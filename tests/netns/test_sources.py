# SPDX-License-Identifier: BSD-2-Clause
"""The interface's addresses come and go while the daemon runs: adverts follow them, and none is sent without one."""

import pytest

from checks import wait_until
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

IPV4 = VirtualRouter(10, ("192.0.2.1/24",), interval=0.1)
IPV6 = VirtualRouter(10, ("fe80::1/64", "2001:db8::1/64"), interval=0.1, family=6)
OWN = {4: "192.0.2.251/24", 6: "fe80::fb/64"}


class Host:
    """A router that is not started, and what leaves it."""

    def __init__(self, run, *routers):
        self.segment = Segment(run, {"dut": 251})
        self.namespace = self.segment.hosts["dut"]
        self.router = XvrrpRouter(run, self.namespace, keepalived_conf(routers))
        self.capture = self.segment.capture()

    def add(self, address, *options):
        self.namespace.ip("addr", "add", address, "dev", INTERFACE, *options)

    def delete(self, address):
        self.namespace.ip("addr", "del", address, "dev", INTERFACE)

    def is_in(self, state, family, reason=None):
        said = self.router.instance(10, family)
        return said["state"] == state and reason in (None, said["reason"])

    def next_adverts(self, family, count=3):
        """Sent from now on."""
        return self.capture.wait(Advert, 10, now(), count, port="dut", vrid=10, family=family)


@pytest.fixture
def host(run, xvrrpd):
    made = Host(run, IPV4, IPV6)
    with made.capture:
        yield made


@pytest.mark.parametrize("family", [4, 6])
def test_a_start_without_an_address(host, family):
    """FAULT, not a refusal: at boot the address may come later. The other family does not wait for it."""
    host.delete(OWN[family])
    host.router.start()
    other = 10 - family
    wait_until(lambda: host.is_in("MASTER", other))
    said = host.router.instance(10, family)
    assert (said["state"], said["reason"], said["source"]) == ("FAULT", "no-source-address", None)
    assert host.capture.select(Advert, family=family) == []

    host.add(OWN[family], *(["nodad"] if family == 6 else []))
    wait_until(lambda: host.is_in("MASTER", family))
    assert {advert.source for advert in host.next_adverts(family)} == {OWN[family].partition("/")[0]}


def test_a_tentative_link_local_address_is_not_used(host):
    """R8: duplicate address detection comes first."""
    for name in ("all", INTERFACE):
        host.namespace.sysctl(f"net.ipv6.conf.{name}.accept_dad", 1)
    host.delete(OWN[6])
    host.add(OWN[6])
    assert "tentative" in host.namespace.ip("-6", "addr", "show", "dev", INTERFACE)
    host.router.start()
    wait_until(lambda: host.is_in("MASTER", 6))
    [first, *_] = host.capture.select(Advert, family=6)
    assert first.source == "fe80::fb"
    assert "tentative" not in host.namespace.ip("-6", "addr", "show", "dev", INTERFACE)


@pytest.mark.parametrize("family, other", [(4, "192.0.2.77/24"), (6, "fe80::77/64")])
def test_another_address_takes_its_place(host, family, other):
    host.namespace.sysctl(f"net.ipv4.conf.{INTERFACE}.promote_secondaries", 1)
    host.router.start()
    wait_until(lambda: host.is_in("MASTER", family))
    host.add(other, *(["nodad"] if family == 6 else []))
    assert {advert.source for advert in host.next_adverts(family)} == {OWN[family].partition("/")[0]}

    host.delete(OWN[family])
    new_source = other.partition("/")[0]
    wait_until(lambda: host.router.instance(10, family)["source"] == new_source)
    wait_until(lambda: {advert.source for advert in host.next_adverts(family)} == {new_source})
    assert host.router.instance(10, family)["counters"]["became_master"] == 1, "no transition"


def test_the_last_address_is_deleted_and_comes_back(host):
    host.namespace.sysctl(f"net.ipv4.conf.{INTERFACE}.promote_secondaries", 1)
    host.router.start()
    wait_until(lambda: host.is_in("MASTER", 4))
    host.delete(OWN[4])
    wait_until(lambda: host.is_in("FAULT", 4, "no-source-address"))
    assert host.is_in("MASTER", 6)
    host.add(OWN[4])
    wait_until(lambda: host.is_in("MASTER", 4))


def test_adverts_follow_the_mac_address(host):
    host.router.start()
    wait_until(lambda: host.is_in("MASTER", 4) and host.is_in("MASTER", 6))
    mac = "02:00:00:00:be:ef"
    host.namespace.ip("link", "set", INTERFACE, "address", mac)
    for family in (4, 6):
        wait_until(lambda: {advert.frame[6:12].hex(":") for advert in host.next_adverts(family)} == {mac})
