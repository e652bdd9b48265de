# SPDX-License-Identifier: BSD-2-Clause
"""Accept_Mode (RFC 9568 6.1, 6.4): who answers packets that are for the virtual address itself.

    host --- first (Master) --- far
         \\-- second (Backup) --/

What is judged is what leaves the routers' ports: a host does not see every reply that it was sent.
"""

import errno
import socket
import struct
from dataclasses import dataclass

import pytest

from checks import wait_until
from lab.capture import Capture, now
from lab.packets import ETH_ARP, ETH_IPV4, ETH_IPV6, checksum
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRID, INTERVAL = 7, 0.2
PRIORITIES = {"first": 200, "second": 100}
FAMILIES = pytest.mark.parametrize("family", (4, 6), ids=("ipv4", "ipv6"))
MODES = pytest.mark.parametrize("mode", ("accept", "no_accept"))
VIRTUAL = {4: ("192.0.2.100/24",), 6: ("fe80::100/64", "2001:db8::100/64")}
TARGET = {4: "192.0.2.100", 6: "2001:db8::100"}
FAR = {4: "198.51.100.9", 6: "2001:db8:1::9"}
CLOSED_PORT = 9
QUESTIONS = 3  # an echo request, a SYN, a datagram to a port that nobody listens at
# Protocol and, of ICMP, type: what a host that accepts a packet says to each of those.
ECHO_REPLY, RESET, UNREACHABLE = "echo reply", "TCP", "unreachable"
ACCEPTED = {ECHO_REPLY, RESET, UNREACHABLE}
_TYPES = {(1, 0): ECHO_REPLY, (1, 3): UNREACHABLE, (58, 129): ECHO_REPLY, (58, 1): UNREACHABLE, (1, 5): "redirect",
          (58, 137): "redirect", (58, 136): "neighbour", (58, 135): "neighbour"}


@dataclass(slots=True)
class Frame:
    """What left a router."""
    time: int
    segment: str
    port: str
    to_mac: str
    what: str
    source: str
    destination: str


def decode_frame(moment, segment, port, frame):
    ether_type = int.from_bytes(frame[12:14], "big")
    source = destination = ""
    what = "neighbour" if ether_type == ETH_ARP else "other"
    if ether_type == ETH_IPV4:
        source, destination = socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])
        what = _what(frame[23], frame[34])
    elif ether_type == ETH_IPV6:
        source, destination = (socket.inet_ntop(socket.AF_INET6, frame[at:at + 16]) for at in (22, 38))
        what = _what(frame[20], frame[54])
    return Frame(moment, segment, port, frame[:6].hex(":"), what, source, destination)


def _what(protocol, icmp_type):
    return RESET if protocol == 6 else _TYPES.get((protocol, icmp_type), f"protocol {protocol}")


class Lan:
    def __init__(self, run, family, extra=(), priorities=PRIORITIES, version=3, owned=False):
        self.family = family
        self.lan = Segment(run, {"first": 1, "second": 2, "host": 9})
        self.host = self.lan.hosts["host"]
        routers = {name: self.lan.hosts[name] for name in PRIORITIES}
        self.beyond = Segment(run, {"first": 1, "second": 2, "far": 9}, routers, "beyond", "eth1", "198.51.100.0/24")
        for name, number in (("first", 1), ("second", 2), ("host", 9)):
            self.lan.hosts[name].ip("addr", "add", f"2001:db8::{number}/64", "dev", "eth0", "nodad")
        for name, number in (("first", 1), ("second", 2), ("far", 9)):
            self.beyond.hosts[name].ip("addr", "add", f"2001:db8:1::{number}/64", "dev", "eth1", "nodad")
        for router in routers.values():
            for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
                router.sysctl(key, 1)
            for address in (self.lan.address("host"), self.lan.address("host", 6), "2001:db8::9"):
                router.ip("neigh", "replace", address, "lladdr", self.lan.mac("host"), "dev", "eth0", "nud", "permanent")
        if owned:
            for address in VIRTUAL[family]:
                routers["first"].ip("addr", "add", address, "dev", "eth0", *(("nodad",) if family == 6 else ()))
        self.routers = {name: XvrrpRouter(run, namespace, keepalived_conf([VirtualRouter(
            VRID, VIRTUAL[family], version, family, priorities[name], INTERVAL if version == 3 else 1.0, extra=extra)]))
            for name, namespace in routers.items()}
        self.capture = Capture(decode_frame).add("lan", self.lan.switch, PRIORITIES)
        self._sockets = []

    def __enter__(self):
        self.capture.__enter__()
        for name, state in (("first", "MASTER"), ("second", "BACKUP")):
            self.routers[name].start()
            self.routers[name].wait_state(15, state)
        wait_until(lambda: TARGET[self.family] in self.lan.hosts["first"].ip("addr", "show", "dev", "eth0"),
                   what="the virtual address")
        return self

    def __exit__(self, *exception):
        self.capture.__exit__(*exception)
        for asking in self._sockets:
            asking.close()

    def believe(self, router):
        """The host sends what is for the virtual address to a router, whoever is Master."""
        self.host.ip("neigh", "replace", TARGET[self.family], "lladdr", self.lan.mac(router), "dev", "eth0", "nud",
                     "permanent")

    def ask(self):
        """An echo request, a SYN and a datagram to the virtual address. Returns when."""
        target, since = TARGET[self.family], now()
        self.ping(target)
        stream, datagram = (self._socket(kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))
        stream.setblocking(False)
        datagram.sendto(b"?", (target, CLOSED_PORT))
        assert stream.connect_ex((target, CLOSED_PORT)) in (0, errno.EINPROGRESS)
        return since

    def ping(self, target):
        """Returns when."""
        since = now()
        kind, protocol = (8, socket.IPPROTO_ICMP) if self.family == 4 else (128, socket.IPPROTO_ICMPV6)
        request = struct.pack("!BBHHH", kind, 0, 0, 1, 1)
        if self.family == 4:
            request = request[:2] + checksum(request).to_bytes(2, "big") + request[4:]
        self._socket(socket.SOCK_RAW, protocol).sendto(request, (target, 0))
        return since

    def _socket(self, kind, protocol=0):
        family = socket.AF_INET if self.family == 4 else socket.AF_INET6
        self._sockets.append(self.host.inside(socket.socket, family, kind, protocol))
        return self._sockets[-1]

    def own(self, router):
        return {4: self.lan.address(router), 6: f"2001:db8::{list(PRIORITIES).index(router) + 1}"}[self.family]

    def replies(self, port, since):
        """What a router said to the host, but for Neighbor Discovery and ARP, and answers at its own address."""
        return [frame for frame in self.capture.select(Frame, since, port=port, to_mac=self.lan.mac("host"))
                if frame.what != "neighbour" and (frame.what, frame.source) != (ECHO_REPLY, self.own(port))]

    def said(self, port, since):
        return {frame.what for frame in self.replies(port, since)}

    def handled(self, router):
        """Returns once a router has handled all that was sent to it before: it answers at its own address."""
        own = self.own(router)
        self.capture.wait(Frame, 5, self.ping(own), port=router, source=own, what=ECHO_REPLY)

    def counter(self, reason, router="first"):
        return self.routers[router].counters(VRID, self.family).get(reason, 0)

    def neighbour(self):
        return self.host.ip("neigh", "show", TARGET[self.family], "dev", "eth0")

    def knows(self, router):
        """Whether the host has learned that the virtual address is a router's."""
        found = self.neighbour()
        return self.lan.mac(router) in found and "REACHABLE" in found


@FAMILIES
def test_no_accept(run, xvrrpd, family):
    """R110, R121: no reply of any kind, but for ARP and Neighbor Discovery; and it forwards."""
    with Lan(run, family, extra=("no_accept",)) as lan:
        since = lan.ask()
        wait_until(lambda: lan.counter("not_accepted") >= QUESTIONS, what="all of them dropped")
        lan.handled("first")
        assert lan.replies("first", since) == []
        assert lan.replies("second", since) == []
        # The host has asked who has the address, and was told ...
        wait_until(lambda: lan.knows("first"), what="a neighbour")
        # ... and is told when it asks the router alone, as it does now and then.
        lan.host.ip("neigh", "replace", TARGET[family], "lladdr", lan.lan.mac("first"), "dev", "eth0", "nud", "probe")
        wait_until(lambda: lan.knows("first"), what="a neighbour that was probed")
        assert_forwards(lan)


def assert_forwards(lan):
    """Through the virtual address to the host behind the routers, and back."""
    network = "198.51.100.0/24" if lan.family == 4 else "2001:db8:1::/64"
    back = ("192.0.2.0/24", "198.51.100.1") if lan.family == 4 else ("2001:db8::/64", "2001:db8:1::1")
    lan.host.ip("route", "add", network, "via", TARGET[lan.family], "dev", "eth0")
    lan.beyond.hosts["far"].ip("route", "add", back[0], "via", back[1])
    lan.capture.wait(Frame, 5, lan.ping(FAR[lan.family]), port="first", source=FAR[lan.family], what=ECHO_REPLY)


@pytest.mark.parametrize("version, family", ((2, 4), (3, 4), (3, 6)), ids=("v2", "v3-ipv4", "v3-ipv6"))
def test_accept_is_the_default(run, xvrrpd, version, family):
    """R122; in version 2, which knows no Accept_Mode, as keepalived does it (R125)."""
    with Lan(run, family, version=version) as lan:
        since = lan.ask()
        wait_until(lambda: lan.said("first", since) >= ACCEPTED, what="all answers")
        assert {frame.source for frame in lan.replies("first", since)} == {TARGET[family]}
        assert lan.counter("not_accepted") == 0
        assert_forwards(lan)


def test_no_accept_in_version_2(run, xvrrpd):
    """R125: RFC 3768's router that is not the owner."""
    with Lan(run, 4, extra=("no_accept",), version=2) as lan:
        since = lan.ask()
        wait_until(lambda: lan.counter("not_accepted") >= QUESTIONS, what="all of them dropped")
        lan.handled("first")
        assert lan.replies("first", since) == []


@FAMILIES
def test_the_owner_accepts_in_any_case(run, xvrrpd, family):
    """R123."""
    with Lan(run, family, ("no_accept",), {"first": 255, "second": 100}, owned=True) as lan:
        since = lan.ask()
        wait_until(lambda: lan.said("first", since) >= ACCEPTED, what="all answers")
        assert lan.counter("not_accepted") == 0


@MODES
@FAMILIES
def test_a_backup_never_accepts(run, xvrrpd, family, mode):
    """R124, R126: not even what is sent to its own MAC. It may hand it to the Master as any router would, once; the
    Master sends nothing on."""
    with Lan(run, family, extra=(mode,)) as lan:
        lan.believe("second")
        since = lan.ask()
        lan.handled("second")
        if mode == "accept":
            wait_until(lambda: lan.said("first", since) >= ACCEPTED, what="the Master's answers")
        else:
            wait_until(lambda: lan.counter("not_accepted") >= QUESTIONS, what="all of them dropped by the Master")
            lan.handled("first")
            assert lan.replies("first", since) == []
        assert lan.said("second", since) <= {"redirect"}
        for_it = [frame.port for frame in lan.capture.select(Frame, since, destination=TARGET[family])
                  if frame.what != "neighbour"]
        assert for_it.count("first") == 0
        assert for_it.count("second") <= 2 * QUESTIONS  # a SYN may have been sent again
