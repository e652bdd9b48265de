# SPDX-License-Identifier: BSD-2-Clause
"""Where everything is measured: hosts on one LAN, or on several when there are more virtual routers than fit on one."""

import ipaddress
import math
import re
from dataclasses import dataclass

from lab.segment import Segment
from lab.virtual_routers import VirtualRouter

_MOST = 250  # virtual routers on one LAN
_MEMBERS = {"dut": 251, "tst": 252, "attacker": 253}


@dataclass(frozen=True)
class Load:
    """The virtual routers of one measurement."""
    routers: int = 1
    addresses: int = 1
    interval: float = 0.01
    priority: int = 100
    extra: tuple = ()

    @property
    def settling(self):
        """Adverts that make a Backup of its last Master, and give it time to remove its addresses."""
        if self.interval < 0.01:
            return 100  # a Backup believes such an interval after 32
        return max(3 if self.interval >= 1 else 6, self.routers * self.addresses // 30)

    @property
    def lans(self):
        return math.ceil(self.routers / _MOST)

    def of(self, lan):
        """Those on one LAN."""
        first = int(ipaddress.ip_address("10.16.0.0")) + (lan << 16)
        made = []
        for vrid in range(1, min(_MOST, self.routers - lan * _MOST) + 1):
            addresses = tuple(f"{ipaddress.ip_address(first + vrid * 256 + number)}/32"
                              for number in range(1, self.addresses + 1))
            made.append(VirtualRouter(vrid, addresses, interval=self.interval, priority=self.priority,
                                      interface=f"eth{lan}", extra=self.extra))
        return made

    def all(self):
        return [router for lan in range(self.lans) for router in self.of(lan)]

    def __str__(self):
        virtual_routers = f"{self.routers} VR{'s' if self.routers > 1 else ''}"
        each = f" x {self.addresses} addresses" if self.addresses > 1 else ""
        return f"{virtual_routers}{each}, {self.interval * 1000:g} ms"


class Lans:
    """The LANs of a load. `members` are hosts of all of them."""

    def __init__(self, run, load, members=("dut", "tst")):
        self.run, self.load = run, load
        self.hosts, self.segments = {}, []
        for lan in range(load.lans):
            segment = Segment(run, {name: _MEMBERS[name] for name in members}, self.hosts, f"lan{lan}", f"eth{lan}",
                              f"192.0.{2 + lan}.0/24")
            self.hosts = segment.hosts
            self.segments.append(segment)

    def sent(self, host):
        """How many frames a host has put on its LANs."""
        return sum(int(re.search(r"TX:.*?\\\s+\d+\s+(\d+)", self.hosts[host].ip(
            "-s", "-o", "link", "show", "dev", segment.interface))[1]) for segment in self.segments)
