# SPDX-License-Identifier: BSD-2-Clause
"""Two routers with use_vmac between a host and what lies beyond, every frame decoded by scapy.

    host --- first (Master) --- far
         \\-- second (Backup) --/

What is judged is what leaves the routers' ports.
"""

from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from checks import wait_until
from lab.capture import Capture, sender
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRID, INTERVAL = 10, 0.2
MACS = {4: "00:00:5e:00:01:0a", 6: "00:00:5e:00:02:0a"}
CUSTOM = {4: "02:11:22:33:44:55", 6: "02:11:22:33:44:66"}
VIP, SIX, LINK_LOCAL = "192.0.2.1", "2001:db8::1", "fe80::1"
NUMBERS = {"first": 251, "second": 252, "host": 9}
PRIORITIES = {"first": 200, "second": 100}
TARGET = {4: VIP, 6: SIX}
FAR = {4: "198.51.100.9", 6: "2001:db8:1::9"}


class Frame:
    """What left a router, or came from the host."""

    def __init__(self, moment, segment, port, frame):
        self.time, self.segment, self.port = moment, segment, port
        self.packet = Ether(frame)

    @property
    def mac(self):
        return self.packet.src

    def has(self, *layers):
        return all(layer in self.packet for layer in layers)


def sum_is_right(packet):
    """Whether an ICMPv6 checksum verifies."""
    again = packet.copy()
    del again[IPv6].payload.cksum
    return Ether(bytes(again))[IPv6].payload.cksum == packet[IPv6].payload.cksum


def conf(priority, *words):
    """{mac} in a word is the family's custom MAC. No second announcements: they would come amid the answers of a test."""
    extra = {family: (*(word.format(mac=mac) for word in words), "garp_master_delay 0") for family, mac in CUSTOM.items()}
    routers = [VirtualRouter(VRID, (f"{VIP}/24",), 3, 4, priority, INTERVAL, extra=extra[4]),
               VirtualRouter(VRID, (f"{LINK_LOCAL}/64", f"{SIX}/64"), 3, 6, priority, INTERVAL, extra=extra[6])]
    return keepalived_conf(routers)


class Lan:
    def __init__(self, run, words=("use_vmac",), options=(), first=XvrrpRouter):
        self.lan = Segment(run, NUMBERS)
        self.hosts = self.lan.hosts
        routers = {name: self.hosts[name] for name in PRIORITIES}
        self.beyond = Segment(run, {"first": 1, "second": 2, "far": 9}, routers, "beyond", "eth1", "198.51.100.0/24")
        self.far = self.beyond.hosts["far"]
        for name, number in NUMBERS.items():
            self.hosts[name].ip("addr", "add", f"2001:db8::{number:x}/64", "dev", "eth0", "nodad")
        for name, number in (("first", 1), ("second", 2), ("far", 9)):
            self.beyond.hosts[name].ip("addr", "add", f"2001:db8:1::{number}/64", "dev", "eth1", "nodad")
        for router in routers.values():
            for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
                router.sysctl(key, 1)
        self.hosts["host"].ip("route", "add", "198.51.100.0/24", "via", VIP)
        self.hosts["host"].ip("-6", "route", "add", "2001:db8:1::/64", "via", SIX)
        self.far.ip("route", "add", "192.0.2.0/24", "via", "198.51.100.1")
        self.far.ip("-6", "route", "add", "2001:db8::/64", "via", "2001:db8:1::1")
        makes = {"first": first, "second": XvrrpRouter}
        self.routers = {name: makes[name](run, namespace, conf(PRIORITIES[name], *words))
                        for name, namespace in routers.items()}
        for router in self.routers.values():
            if options and isinstance(router, XvrrpRouter):
                plain = router.argv
                router.argv = lambda plain=plain: [*plain(), *options]
        self.capture = Capture(Frame).add("lan", self.lan.switch, NUMBERS)

    def __enter__(self):
        self.capture.__enter__()
        for name, state in (("first", "MASTER"), ("second", "BACKUP")):
            self.routers[name].start()
            self.wait(name, state)
        return self

    def __exit__(self, *exception):
        self.capture.__exit__(*exception)

    def wait(self, name, state):
        router = self.routers[name]
        if isinstance(router, XvrrpRouter):
            wait_until(lambda: set(router.states().values()) == {state}, 20, f"{name} as {state}")
        else:
            router.wait_state(20, state)
            wait_until(lambda: SIX in self.hosts[name].ip("addr", "show"), 10, "its IPv6 address")

    def frames(self, since=0, port=None, *layers):
        return [frame for frame in self.capture.select(Frame, since) if port in (None, frame.port) and frame.has(*layers)]

    def ping(self, target, count=3):
        done = self.hosts["host"].run("ping", "-n", "-c", str(count), "-i", "0.1", "-W", "2", target, check=False)
        return done.returncode == 0

    def neighbours(self, family):
        """The host's entry for the virtual address."""
        line = self.hosts["host"].ip("neigh", "show", TARGET[family], "dev", "eth0")
        return line.split()[line.split().index("lladdr") + 1] if "lladdr" in line else None

    def say(self, *packets):
        """The host sends frames as they are given."""
        with sender(self.hosts["host"], "eth0") as sending:
            for packet in packets:
                sending.send(bytes(packet))

    def adverts(self, since, protocol):
        """The Master's over IP or IPv6."""
        return [frame for frame in self.frames(since, "first", protocol)
                if (frame.packet[protocol].proto if protocol is IP else frame.packet[protocol].nh) == 112]
