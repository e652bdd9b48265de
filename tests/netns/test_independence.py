# SPDX-License-Identifier: BSD-2-Clause
"""Virtual routers that share a VRID, an interface or a host, and have nothing to do with each other."""

import time
from dataclasses import replace

import pytest

from arena import virtual_router
from checks import wait_until
from lab.capture import Capture, now
from lab.packets import Advert, checksum
from lab.routers import XvrrpRouter
from lab.run import Run
from lab.segment import Segment, host
from lab.speaker import Message, Speaker, goodbye
from lab.virtual_routers import keepalived_conf

INTERVAL = 0.2
# Switch, interface of the DUT, and network of each LAN.
LANS = {"a": ("eth0", "192.0.2.0/24"), "b": ("eth1", "192.0.3.0/24")}
FAMILIES = pytest.mark.parametrize("family", [4, 6], ids=["ipv4", "ipv6"])


class TwoLans:
    """A forwarding DUT between two LANs: VRID 1 on both in both families, VRID 2 on the first only."""

    def __init__(self, run):
        namespace = host(run, "dut")
        self.segments = {
            name: Segment(run, {"dut": 251, f"tst{name}": 252}, {"dut": namespace}, name, interface, network)
            for name, (interface, network) in LANS.items()}
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            namespace.sysctl(key, 1)
        self.routers = {(name, vrid, family): virtual_router(vrid, family, interface, interval=INTERVAL)
                        for name, (interface, _network) in LANS.items() for family in (4, 6) for vrid in (1, 2)
                        if (name, vrid) != ("b", 2)}
        self.dut = XvrrpRouter(run, namespace, keepalived_conf(self.routers.values()))
        self.capture = Capture()
        for name, segment in self.segments.items():
            self.capture.add(name, segment.switch, segment.hosts)
        self.speakers = {name: Speaker(segment.hosts[f"tst{name}"], segment.interface)
                         for name, segment in self.segments.items()}

    def message(self, name, vrid, family, **fields):
        router = self.routers[name, vrid, family]
        source = self.segments[name].address(f"tst{name}", family)
        return replace(Message(vrid, router.plain_addresses, source, 200, interval=20), **fields)

    def adverts(self, name, vrid, family, since):
        return self.capture.select(Advert, since, segment=name, port="dut", vrid=vrid, family=family)

    def assert_undisturbed(self, keys, since, seconds=3 * INTERVAL):
        """These go on advertising, without a gap that a Master_Down_Interval would fit in."""
        time.sleep(seconds)
        for key in keys:
            times = [since, *(advert.time for advert in self.adverts(*key, since)), now()]
            gaps = [(later - earlier) / 1e9 for earlier, later in zip(times, times[1:])]
            assert max(gaps) < 3 * INTERVAL, key

    def everything(self):
        for key in self.routers:
            name, vrid, family = key
            self.capture.wait(Advert, 10, now(), 1, segment=name, port="dut", vrid=vrid, family=family)


@pytest.fixture(scope="module")
def lans(xvrrpd):
    with Run() as run:
        lans = TwoLans(run)
        with lans.capture, lans.speakers["a"], lans.speakers["b"]:
            lans.dut.start()
            yield lans


@pytest.mark.parametrize("name", LANS)
@FAMILIES
def test_the_same_vrid_elsewhere_goes_on(lans, name, family):
    """VRID 1 is silenced in one family on one LAN: its namesakes do not care, for its resignation neither."""
    lans.everything()
    message, since = lans.message(name, 1, family), now()
    others = [key for key in lans.routers if key != (name, 1, family)]
    with lans.speakers[name].repeating(message, INTERVAL / 2):
        lans.assert_undisturbed(others, since)
        assert len(lans.adverts(name, 1, family, since)) <= 1
    since = lans.speakers[name].say(goodbye(message))
    lans.assert_undisturbed(others, since)


@FAMILIES
def test_a_vrid_of_another_interface_is_unknown(lans, family):
    lans.everything()
    before, since = lans.dut.counters().get("unknown_vrid"), now()
    stray = replace(lans.message("a", 2, family), source=lans.segments["b"].address("tstb", family))
    lans.speakers["b"].say(stray, copies=25)
    wait_until(lambda: lans.dut.counters()["unknown_vrid"] == before + 25, what="25 packets counted")
    lans.assert_undisturbed(lans.routers, since)


@FAMILIES
def test_a_tagged_advert_is_of_another_network(lans, family):
    lans.everything()
    since = now()
    frame = lans.speakers["a"].frame(bytes(lans.message("a", 1, family)))
    for _copy in range(25):
        lans.speakers["a"].send_frame(frame[:12] + b"\x81\x00\x00\x05" + frame[12:])
    lans.assert_undisturbed(lans.routers, since)


@pytest.mark.parametrize("limit", [255, 254, 2])
@FAMILIES
def test_adverts_are_not_forwarded(lans, family, limit):
    """Whatever their TTL, to a VRID of ours or not."""
    since = now()
    for vrid in (1, 99):
        packet = bytearray(bytes(replace(lans.message("a", 1, family), vrid=vrid, priority=1)))
        packet[8 if family == 4 else 7] = limit
        if family == 4:
            packet = with_right_checksum(packet)
        lans.speakers["a"].say(packet, copies=10)
    lans.capture.wait(Advert, 5, since, 20, segment="a", port="tsta")
    lans.everything()  # time has passed
    through = [advert for advert in lans.capture.select(Advert, since, port="dut", segment="b")
               if advert.source != lans.segments["b"].address("dut", family) and advert.family == family]
    assert through == []


def with_right_checksum(packet):
    packet[10:12] = b"\0\0"
    packet[10:12] = checksum(packet[:20]).to_bytes(2, "big")
    return packet
