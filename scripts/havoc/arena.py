# SPDX-License-Identifier: BSD-2-Clause
"""Two or three routers on one LAN, each the best for one of the virtual routers, and a host that asks."""

from lab.processes import command
from lab.routers import XvrrpRouter
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

NAMES = ("alpha", "beta", "gamma")
HOST = "host"
SPARE = "spare0"  # an interface that xvrrpd does not use, for storms
INTERVAL = 0.1
ADDRESS = "192.0.2.100"  # of the virtual router that the host asks for
# VRID and family: IPv4 and IPv6 in VRRPv3, and VRRPv2 at a second.
KEYS = ((1, 4), (2, 6), (3, 4))


def virtual_routers(names, name, raised=()):
    """What a router is configured with; the virtual routers in `raised` with one priority step more."""
    rank = names.index(name)
    made = []
    for number, (vrid, family) in enumerate(KEYS):
        # Each has another best router.
        priority = 200 - 40 * ((rank + number) % len(names)) + (10 if vrid in raised else 0)
        address = {1: f"{ADDRESS}/32", 2: "2001:db8::100/64", 3: "192.0.2.103/32"}[vrid]
        addresses = (address,) if family == 4 else ("fe80::100/64", address)
        version, interval = (2, 1) if vrid == 3 else (3, INTERVAL)
        made.append(VirtualRouter(vrid, addresses, version, family, priority, interval))
    return made


class Arena:
    def __init__(self, run, count, tools):
        self.names, self.tools = NAMES[:count], tools
        members = {name: 1 + number for number, name in enumerate(self.names)}
        self.segment = Segment(run, {**members, HOST: 9})
        self.routers = {}
        self.disks = {}  # where each writes its dumps
        for name in self.names:
            self.disks[name] = _small_disk(run, name)
            namespace = self.segment.hosts[name]
            namespace.ip("link", "add", SPARE, "up", "type", "veth", "peer", "name", SPARE + "-peer")
            self.routers[name] = XvrrpRouter(run, namespace, self.configuration(name))

    def configuration(self, name, raised=()):
        disk = f"{self.disks[name]}/"
        dumps = f"global_defs {{\n    state_dump_file {disk}\n    stats_dump_file {disk}\n}}\n"
        return dumps + keepalived_conf(virtual_routers(self.names, name, raised))

    def best(self):
        """By virtual router: who is Master when nothing is wrong."""
        ranked = {name: virtual_routers(self.names, name) for name in self.names}
        return {key: max(self.names, key=lambda name: ranked[name][number].priority) for number, key in enumerate(KEYS)}

    def virtual_addresses(self, name):
        """Those that a router has on its interface."""
        listed = self.segment.hosts[name].ip("-o", "addr", "show", "dev", INTERFACE)
        ours = [router.plain_addresses for router in virtual_routers(self.names, name)]
        return sorted(address for addresses in ours for address in addresses if f" {address}/" in listed)


def _small_disk(run, name):
    disk = run.directory / f"{name}-disk"
    disk.mkdir()
    command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk)
    run.on_exit(command, "umount", disk)
    return disk
