# SPDX-License-Identifier: BSD-2-Clause
"""One LAN with both families of addresses, and any number of hosts on it.

    dut --- port "dut" --+
    tst --- port "tst" --+-- bridge br0 in a host of its own
"""

import ipaddress

from .capture import Capture
from .namespaces import cable

INTERFACE = "eth0"
BRIDGE = "br0"


def host(run, name):
    """A host that speaks IPv6 as well, and has no address that it was not told."""
    made = run.namespace(name)
    made.sysctl("net.ipv6.conf.all.disable_ipv6", 0)
    for key, value in (("disable_ipv6", 0), ("addr_gen_mode", 1), ("accept_ra", 0), ("accept_dad", 0),
                       ("router_solicitations", 0)):
        made.sysctl(f"net.ipv6.conf.default.{key}", value)
    return made


class Segment:
    """`members` maps the name of a host to the last byte of its addresses."""

    def __init__(self, run, members, hosts=None, name="lan", interface=INTERFACE, network="192.0.2.0/24"):
        """`hosts` are those that exist already, by name: a host may be on several segments."""
        self.name, self.interface = name, interface
        self._network = ipaddress.ip_network(network)
        self._numbers = dict(members)
        self.switch = run.namespace(f"{name}sw")
        self.hosts = {member: (hosts or {}).get(member) or host(run, member) for member in members}
        for member, namespace in self.hosts.items():
            cable(namespace, interface, self.switch, member)
            namespace.ip("addr", "add", f"{self.address(member)}/{self._network.prefixlen}", "dev", interface)
            namespace.ip("addr", "add", f"{self.address(member, 6)}/64", "dev", interface)
        self.switch.bridge(BRIDGE, members)

    def address(self, member, family=4):
        number = self._numbers[member]
        return str(self._network[number]) if family == 4 else f"fe80::{number:x}"

    def mac(self, member):
        return self.hosts[member].mac(self.interface)

    def unplug(self, member):
        """Takes the host's port out of the switch: it hears nothing and nobody hears it, but its link stays up."""
        self.switch.ip("link", "set", member, "nomaster")

    def plug(self, member):
        self.switch.ip("link", "set", member, "master", BRIDGE)

    def capture(self):
        """What leaves each host; not started yet."""
        return Capture().add(self.name, self.switch, self.hosts)
