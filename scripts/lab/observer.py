# SPDX-License-Identifier: BSD-2-Clause
"""What an onlooker at both switches of the guide's network sees."""

import ipaddress
from collections import Counter

from .capture import Capture
from .network import LAN, ROUTERS, UPSTREAM_ADDRESS
from .packets import PROTOCOL_ICMP, Advert, Packet

_ECHO = 8


class Observer(Capture):
    def __init__(self, network):
        super().__init__()
        self.add("lan", network.dent1, ROUTERS)
        self.add("upstream", network.upstream, ROUTERS)

    def adverts(self, router, since=0):
        """A router's adverts as they left it, other than goodbyes."""
        return [advert for advert in self.select(Advert, since, segment="lan", port=router) if advert.priority > 0]

    def goodbye(self, router, timeout, since):
        """Waits for the priority-0 advert of a router that stops."""
        return self.wait(Advert, timeout, since, segment="lan", port=router, priority=0)[0]

    def first_advert(self, router, timeout, since, count=1):
        """Waits for adverts of a router, and returns the first."""
        return self.wait(Advert, timeout, since, count, segment="lan", port=router)[0]

    def last_advert(self, router, before):
        return [advert for advert in self.adverts(router) if advert.time < before][-1]

    def through(self, since):
        """Through which router PC1's probes reached the upstream host: how many each."""
        probes = self.select(Packet, since, segment="upstream", protocol=PROTOCOL_ICMP, icmp_type=_ECHO,
                             destination=UPSTREAM_ADDRESS)
        return Counter(probe.port for probe in probes)

    def leaks(self, since=0):
        """Packets that reached the upstream segment with a private source: there must be none."""
        return [packet for packet in self.select(Packet, since, segment="upstream")
                if ipaddress.ip_address(packet.source) in LAN]
