# SPDX-License-Identifier: BSD-2-Clause
"""vrrp_garp_interval, vrrp_gna_interval and garp_group: announcements with pauses between them."""

import pytest

from lab.capture import Capture
from lab.packets import Advert, GratuitousArp, UnsolicitedNa
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

PAUSE_NS = 50_000_000
ONCE = ("garp_master_delay 0", "garp_master_repeat 1")
ADDRESSES = tuple(f"192.0.2.{number}/32" for number in range(100, 106))


def plain(addresses):
    return {address.split("/")[0] for address in addresses}


def gaps(seen):
    return [after.time - before.time for before, after in zip(seen, seen[1:])]


def global_defs(*lines):
    return "global_defs {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


@pytest.mark.parametrize("make", (XvrrpRouter, KeepalivedRouter))
def test_one_address_after_the_other(run, xvrrpd, make):
    segment = Segment(run, {"one": 1})
    router = make(run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(1, ADDRESSES, interval=0.1, extra=ONCE)], global_defs("vrrp_garp_interval 0.05")))
    with segment.capture() as capture:
        router.launch()
        seen = capture.wait(GratuitousArp, 20, count=len(ADDRESSES))
        first_advert = capture.wait(Advert, 5)[0]
    assert {one.address for one in seen} == plain(ADDRESSES)
    assert first_advert.time < seen[0].time
    assert min(gaps(seen)) >= PAUSE_NS


def test_repeats_take_their_turns(run, xvrrpd):
    segment = Segment(run, {"one": 1})
    router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(1, ADDRESSES[:3], interval=0.1, extra=("garp_master_delay 0", "garp_master_repeat 4"))],
        global_defs("vrrp_garp_interval 0.05")))
    with segment.capture() as capture:
        router.start()
        seen = capture.wait(GratuitousArp, 20, count=3 * 4)
    assert min(gaps(seen)) >= PAUSE_NS
    assert {one.address for one in seen[:3]} == plain(ADDRESSES[:3])
    assert all([one.address for one in seen].count(address) == 4 for address in plain(ADDRESSES[:3]))


def test_each_family_has_its_own_pause(run, xvrrpd):
    six = ("fe80::64/64", "2001:db8::64/64", "2001:db8::65/64")
    segment = Segment(run, {"one": 1})
    router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(1, ADDRESSES[:2], interval=0.1, extra=ONCE), VirtualRouter(1, six, family=6, interval=0.1, extra=ONCE)],
        global_defs("vrrp_garp_interval 0.0001", "vrrp_gna_interval 0.05")))
    with segment.capture() as capture:
        router.start()
        arps, advertisements = capture.wait(GratuitousArp, 20, count=2), capture.wait(UnsolicitedNa, 20, count=3)
    assert min(gaps(advertisements)) >= PAUSE_NS
    assert {one.address for one in arps} == plain(ADDRESSES[:2])


def test_interfaces_of_a_group_take_turns(run, xvrrpd):
    first = Segment(run, {"one": 1})
    second = Segment(run, {"one": 1}, first.hosts, "lan2", "eth1", "198.51.100.0/24")
    routers = [VirtualRouter(1, ADDRESSES[:3], interval=0.1, extra=ONCE),
               VirtualRouter(2, ("198.51.100.100/32", "198.51.100.101/32"), interval=0.1, interface="eth1", extra=ONCE)]
    group = "garp_group {\n    garp_interval 0.05\n    interfaces {\n        eth0 eth1\n    }\n}\n"
    router = XvrrpRouter(run, first.hosts["one"], keepalived_conf(routers, group))
    with Capture().add("lan", first.switch, first.hosts).add("lan2", second.switch, second.hosts) as capture:
        router.start()
        seen = capture.wait(GratuitousArp, 20, count=5)
    assert min(gaps(seen)) >= PAUSE_NS
    assert {one.address for one in seen} == plain(ADDRESSES[:3]) | {"198.51.100.100", "198.51.100.101"}


def test_who_yields_announces_no_more(run, xvrrpd):
    segment = Segment(run, {"one": 1, "two": 2})
    pause = global_defs("vrrp_garp_interval 1")
    one = XvrrpRouter(run, segment.hosts["one"], keepalived_conf([VirtualRouter(1, ADDRESSES, interval=0.1, extra=ONCE)], pause))
    two = XvrrpRouter(run, segment.hosts["two"], keepalived_conf(
        [VirtualRouter(1, ADDRESSES, interval=0.1, priority=200, extra=ONCE)], global_defs("vrrp_garp_interval 0.05")))
    with segment.capture() as capture:
        one.start()
        capture.wait(GratuitousArp, 20, port="one")
        two.start()
        one.wait_state(20, "BACKUP")
        capture.wait(GratuitousArp, 20, port="two", count=len(ADDRESSES))
        assert len(capture.select(GratuitousArp, port="one")) < len(ADDRESSES)
