# SPDX-License-Identifier: BSD-2-Clause
"""Network namespaces and the cables between them."""

import fcntl
import pathlib
import socket
import struct

from .inside import inside
from .processes import command

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
# Every packet is seen as it is on the wire: whole checksums, tags in the frame, no merged segments.
_OFFLOADS_OFF = ("rx off", "tx off", "gso off", "gro off", "rxvlan off", "txvlan off")


class Namespace:
    """A host: a network namespace with ip(8)'s name."""

    def __init__(self, name):
        self.name = name
        self.path = f"/run/netns/{name}"
        command("ip", "netns", "add", name)
        self.sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        self.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        self.ip("link", "set", "lo", "up")

    def enter(self, *argv):
        """The command line that runs argv in here. nsenter, for `ip netns exec` mounts a new /sys, without bpffs."""
        return ["nsenter", f"--net={self.path}", *argv]

    def run(self, *argv, **options):
        return command(*self.enter(*argv), **options)

    def ip(self, *argv):
        return command("ip", "-n", self.name, *argv).stdout

    def inside(self, function, *arguments):
        return inside(self.path, function, *arguments)

    def sysctl(self, key, value):
        path = pathlib.Path("/proc/sys", *key.split("."))
        self.inside(path.write_text, f"{value}\n")

    def addresses(self, interface):
        """The IPv4 addresses of an interface, as 'a.b.c.d/len'."""
        lines = self.ip("-4", "-o", "addr", "show", "dev", interface).splitlines()
        return [line.split()[3] for line in lines]

    def mac(self, interface):
        def read():
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as probe:
                probe.bind((interface, 0))
                return probe.getsockname()[4]
        return self.inside(read).hex(":")

    def set_link(self, interface, up):
        """Raises or cuts a link, at once: one ioctl, so that the caller knows when."""
        def change():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
                request = struct.pack("16sH14x", interface.encode(), 0)
                flags = struct.unpack_from("H", fcntl.ioctl(control, _SIOCGIFFLAGS, request), 16)[0]
                flags = flags | _IFF_UP if up else flags & ~_IFF_UP
                fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", interface.encode(), flags))
        self.inside(change)

    def bridge(self, name, ports):
        """A plain switch: no spanning tree to wait for. No multicast snooping either: VRRP's groups are flooded always
        (RFC 4541 2.1.2), and a bridge without a querier would flood anything else too."""
        self.ip("link", "add", name, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        for port in ports:
            self.ip("link", "set", port, "master", name)
        self.ip("link", "set", name, "up")
        # Where br_netfilter is loaded, the switch would judge IP headers itself, and drop what a test wants to arrive.
        if pathlib.Path("/proc/sys/net/bridge").exists():
            self.sysctl("net.bridge.bridge-nf-call-iptables", 0)


def cable(one, one_interface, other, other_interface):
    """A veth pair between two hosts, both ends up."""
    command("ip", "link", "add", one_interface, "netns", one.name, "type", "veth",
            "peer", "name", other_interface, "netns", other.name)
    for host, interface in ((one, one_interface), (other, other_interface)):
        words = [word for option in _OFFLOADS_OFF for word in option.split()]
        host.run("ethtool", "-K", interface, *words)
        host.ip("link", "set", interface, "up")


def delete_namespace(name):
    if pathlib.Path("/run/netns", name).exists():
        command("ip", "netns", "delete", name)
