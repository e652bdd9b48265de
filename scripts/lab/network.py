# SPDX-License-Identifier: BSD-2-Clause
"""The guide's network.

    PC1 --- DENT1 (bridge br0) --+-- enp0s4 DENT2 ma1 --+-- upstream
                                 +-- enp0s4 DENT3 ma1 --+
"""

import ipaddress

from .namespaces import cable

LAN = ipaddress.ip_network("192.168.1.0/24")
VIRTUAL_ADDRESS = "192.168.1.13"
VRID = 150
PC1_ADDRESS = "192.168.1.2"
UPSTREAM_ADDRESS = "203.0.113.8"
INTERFACE = "enp0s4"
UPLINK = "ma1"
ROUTERS = {  # address on the LAN, address on the uplink
    "dent2": ("192.168.1.11", "203.0.113.2"),
    "dent3": ("192.168.1.12", "203.0.113.3"),
}


class GuideNetwork:
    """Five hosts. The upstream host is its own switch, and knows no way back to the LAN: what returns was
    masqueraded."""

    def __init__(self, run):
        self.pc1, self.dent1, self.dent2, self.dent3, self.upstream = (
            run.namespace(host) for host in ("pc1", "dent1", "dent2", "dent3", "up"))
        self.routers = {"dent2": self.dent2, "dent3": self.dent3}

        cable(self.pc1, "eth0", self.dent1, "pc1")
        for name, router in self.routers.items():
            cable(router, INTERFACE, self.dent1, name)
            cable(router, UPLINK, self.upstream, name)
            lan, uplink = ROUTERS[name]
            router.ip("addr", "add", f"{lan}/24", "brd", "+", "dev", INTERFACE)
            router.ip("addr", "add", f"{uplink}/24", "brd", "+", "dev", UPLINK)
            router.sysctl("net.ipv4.ip_forward", 1)
        self.dent1.bridge("br0", ["pc1", *self.routers])
        self.upstream.bridge("seg0", self.routers)
        self.upstream.ip("addr", "add", f"{UPSTREAM_ADDRESS}/24", "brd", "+", "dev", "seg0")
        self.pc1.ip("addr", "add", f"{PC1_ADDRESS}/24", "brd", "+", "dev", "eth0")
        self.pc1.ip("route", "add", "default", "via", VIRTUAL_ADDRESS)

    def cut(self, name):
        """Pulls the router's LAN cable out of DENT1."""
        self.dent1.set_link(name, up=False)

    def restore(self, name):
        self.dent1.set_link(name, up=True)
