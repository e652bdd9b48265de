# SPDX-License-Identifier: BSD-2-Clause
"""Every field of what a Master sends, for every kind of virtual router, read by two decoders that are not ours."""

from dataclasses import dataclass, replace

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.layers.vrrp import VRRP, VRRPv3

from checks import wait_until
from lab.capture import now
from lab.conformance import ExpectedAdvert, advert_faults, gratuitous_arp_faults, unsolicited_na_faults
from lab.packets import Advert, GratuitousArp, UnsolicitedNa
from lab.routers import XvrrpRouter
from lab.run import Run
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

# The virtual address 192.0.2.1 is lower than the interface's own.
MEMBERS = {"dut": 251, "twin": 252}
SHUFFLED = tuple(f"198.51.100.{(number * 37) % 20 + 1}/32" for number in range(20))
MANY = tuple(f"10.9.{number % 7}.{number}/32" for number in range(1, 256))
# As many as an Ethernet frame holds.
MANY6 = ("fe80::9/64", *(f"2001:db8:9::{(number * 31) % 89 + 1:x}/64" for number in range(89)))
PASS = ("authentication {", "    auth_type PASS", "    auth_pass 1212", "}")
MESSAGE_ONLY = ("v3_checksum_as_v2",)


def unicast(family=4):
    source, peer = ("192.0.2.251", "192.0.2.252") if family == 4 else ("fe80::fb", "fe80::fc")
    return f"unicast_src_ip {source}", "unicast_peer {", f"    {peer}", "}"


@dataclass(frozen=True)
class Case:
    router: VirtualRouter
    interval: int  # as on the wire
    form: str = "pseudo-header"
    auth: tuple = (0, bytes(8))
    unicast: bool = False


def v2(vrid, addresses, seconds=1, auth=(0, bytes(8)), **options):
    router = VirtualRouter(vrid, addresses, version=2, interval=seconds, **options)
    return Case(router, seconds, auth=auth, unicast="unicast_peer {" in router.extra)


def v3(vrid, addresses, centiseconds=10, form="pseudo-header", **options):
    router = VirtualRouter(vrid, addresses, interval=centiseconds / 100, **options)
    return Case(router, centiseconds, form=form, unicast="unicast_peer {" in router.extra)


# A VRID is used in both families where it can be: they are two virtual routers.
CASES = {
    "v2": v2(1, ("192.0.2.1/24",)),
    "v2-owner": v2(2, ("192.0.2.251/24",), priority=255),
    "v2-password": v2(3, ("10.8.0.3/32", "10.7.0.3/32"), auth=(1, b"1212\0\0\0\0"), extra=PASS),
    "v2-255-seconds": v2(4, ("10.8.0.4/32",), seconds=255, priority=255),
    "v2-20-addresses-unsorted": v2(5, SHUFFLED, priority=254),
    "v2-unicast": v2(6, ("10.8.0.6/32",), extra=unicast()),
    "v3-1-centisecond": v3(10, ("10.8.0.10/32",), 1, priority=254),
    "v3-10-centiseconds": v3(11, ("10.8.0.11/32",), 10, priority=1),
    "v3-100-centiseconds": v3(12, ("10.8.0.12/32",), 100),
    "v3-4095-centiseconds": v3(13, ("10.8.0.13/32",), 4095, priority=255),
    "v3-message-only-checksum": v3(14, ("10.8.0.14/32",), form="message", extra=MESSAGE_ONLY),
    "v3-20-addresses-unsorted": v3(15, tuple(address.replace("198.51", "198.52") for address in SHUFFLED)),
    "v3-255-addresses": v3(16, MANY, priority=200),
    "v3-unicast": v3(17, ("10.8.0.17/32",), extra=unicast()),
    "v3-unicast-message-only-checksum": v3(18, ("10.8.0.18/32",), form="message", extra=(*MESSAGE_ONLY, *unicast())),
    "v3-vrid-255": v3(255, ("10.8.0.255/32",)),
    "v6-1-centisecond": v3(10, ("fe80::a/64", "2001:db8::a/64"), 1, family=6, priority=254),
    "v6-10-centiseconds": v3(11, ("fe80::b/64", "2001:db8::b/64"), 10, family=6, priority=1),
    "v6-100-centiseconds": v3(12, ("fe80::c/64",), 100, family=6),
    "v6-4095-centiseconds": v3(13, ("fe80::d/64", "2001:db8::d/64"), 4095, family=6, priority=255),
    "v6-90-addresses-unsorted": v3(15, MANY6, family=6),
    "v6-unicast": v3(17, ("fe80::11/64", "2001:db8::11/64"), family=6, extra=unicast(6)),
}


class Lan:
    def __init__(self, run):
        self.segment = Segment(run, MEMBERS)
        self.mac = self.segment.mac("dut")
        routers = [case.router for case in CASES.values()]
        at_once = "global_defs {\n    graceful off\n}\n"  # or a stop waits 40 s for a Backup of the longest interval
        self.dut = XvrrpRouter(run, self.segment.hosts["dut"], at_once + keepalived_conf(routers))
        # The same lists, never wanted: it takes over when the other one has left.
        twins = [replace(router, priority=50, extra=()) for router in routers if "unicast_peer {" not in router.extra]
        twins = [router for router in twins if router.interval <= 1 and len(router.addresses) > 2]
        self.twin = XvrrpRouter(run, self.segment.hosts["twin"], keepalived_conf(twins))
        self.capture = self.segment.capture()

    def adverts(self, case, since=0, count=1, timeout=15, port="dut"):
        return self.capture.wait(Advert, timeout, since, count, port=port, vrid=case.router.vrid,
                                 family=case.router.family)

    def expected(self, case):
        router, family = case.router, case.router.family
        unicast = {"destination": self.segment.address("twin", family), "destination_mac": self.segment.mac("twin")}
        return ExpectedAdvert(
            mac=self.mac, source=self.segment.address("dut", family), vrid=router.vrid, priority=router.priority,
            addresses=router.plain_addresses, version=router.version, interval=case.interval, auth=case.auth,
            form=case.form, **(unicast if case.unicast else {}))


@pytest.fixture(scope="module")
def lan(xvrrpd):
    with Run() as run:
        lan = Lan(run)
        with lan.capture:
            lan.dut.start()
            lan.twin.start()
            yield lan


def cases(*, condition=lambda _case: True):
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=name) for name, case in CASES.items() if condition(case)])


@cases()
def test_advert(lan, case):
    expected = lan.expected(case)
    for advert in lan.adverts(case, count=3 if case.router.interval <= 1 else 1):
        assert advert_faults(advert.frame, expected) == []


@cases()
def test_the_first_advert(lan, case):
    """An owner's comes at the start, any other's a Master_Down_Interval after it and not before."""
    router = case.router
    waited = (lan.adverts(case)[0].time - lan.dut.started) / 1e9
    if router.priority == 255:
        assert waited < 2
    else:
        assert router.master_down() - 0.002 < waited < router.master_down() + 2


def without_checksums(packet):
    for layer in (IP, VRRP, VRRPv3):
        if layer in packet:
            packet[layer].chksum = None
    return packet


@cases(condition=lambda case: case.form == "pseudo-header")
def test_scapy_would_send_the_same(lan, case):
    """scapy takes our advert to pieces, and makes the same bytes of them, checksums included."""
    frame = lan.adverts(case)[0].frame
    packet = Ether(frame)
    [layer] = [layer for layer in (VRRP, VRRPv3) if layer in packet]
    message, carrier = packet[layer], IP if case.router.family == 4 else IPv6
    assert packet[carrier].proto == 112 if carrier is IP else packet[carrier].nh == 112
    assert (message.version, message.type, message.vrid, message.priority) == (
        case.router.version, 1, case.router.vrid, case.router.priority)
    assert tuple(message.addrlist) == case.router.plain_addresses
    assert bytes(without_checksums(packet)) == frame


@cases(condition=lambda case: case.router.interval <= 1)
def test_intervals_are_kept(lan, case):
    """No advert is early, on a schedule that does not drift, and nearly none is missing (a busy machine may stop)."""
    adverts = lan.adverts(case, count=5)
    first, interval = adverts[0].time, case.router.interval
    for number, advert in enumerate(adverts):
        assert (advert.time - first) / 1e9 > number * interval - 0.05
    assert (adverts[-1].time - first) / 1e9 < 1.2 * len(adverts) * interval + 0.5
    assert lan.dut.instance(case.router.vrid, case.router.family)["counters"]["became_master"] == 1


@cases()
def test_announcements(lan, case):
    """After the advert that makes it Master, each address in turn, once at least."""
    kind, faults = {4: (GratuitousArp, gratuitous_arp_faults), 6: (UnsolicitedNa, unsolicited_na_faults)}[
        case.router.family]
    first = lan.adverts(case)[0]
    addresses = case.router.plain_addresses
    seen = wait_until(lambda: announced(lan, kind, addresses), what="an announcement of every address")
    assert seen[0].time > first.time
    assert (seen[0].time - first.time) / 1e9 < 1
    for announcement in seen:
        assert faults(announcement.frame, lan.mac, announcement.address) == []


def announced(lan, kind, addresses):
    """All announcements of the addresses, once there is one of each."""
    seen = [one for one in lan.capture.select(kind, port="dut") if one.address in addresses]
    return seen if {one.address for one in seen} == set(addresses) else None


def test_a_secondary_address_changes_nothing(lan):
    """The source stays the primary address, whatever is lower or newer."""
    lan.segment.hosts["dut"].ip("addr", "add", "192.0.2.2/24", "dev", lan.segment.interface)
    case = CASES["v3-10-centiseconds"]
    for advert in lan.adverts(case, now(), count=5):
        assert advert.source == "192.0.2.251"


def test_nothing_is_looped_back(lan):
    for vrid, family in ((10, 4), (12, 4), (12, 6)):
        counted = {name for name, value in lan.dut.counters(vrid, family).items() if value}
        assert counted <= {"lease_expired"}  # on a busy machine, of a router at 10 ms
        assert lan.dut.instance(vrid, family)["counters"]["adverts_received"] == 0


@cases(condition=lambda case: case.router.interval > 1)
def test_long_intervals_stay_silent(lan, case):
    """Nothing but the one advert at the start: asked last, when time has passed."""
    assert len(lan.adverts(case)) == 1 + int((now() - lan.adverts(case)[0].time) / 1e9 / case.router.interval)


def test_another_router_lists_the_same_addresses_in_the_same_order(lan):
    since = now()
    assert lan.dut.stop() == 0
    for name in ("v3-20-addresses-unsorted", "v2-20-addresses-unsorted", "v6-90-addresses-unsorted"):
        taken = lan.adverts(CASES[name], since, port="twin")[0]
        assert taken.addresses == CASES[name].router.plain_addresses
