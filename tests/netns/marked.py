# SPDX-License-Identifier: BSD-2-Clause
"""Addresses with a mark of who installed them (IFA_PROTO), which ip(8) sets in later versions only."""

import ipaddress
import os
import socket
import struct

OURS = 112  # of xvrrpd

_RTM_NEWADDR, _REQUEST_ACK_CREATE = 20, 0x1 | 0x4 | 0x400
_IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS, _IFA_PROTO, _NODAD = 1, 2, 8, 11, 0x2


def _attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def add_marked(namespace, interface, address, mark=OURS):
    """As `ip address add ADDRESS dev INTERFACE proto MARK`, without duplicate address detection."""
    parsed = ipaddress.ip_interface(address)
    family = socket.AF_INET if parsed.version == 4 else socket.AF_INET6

    def add():
        body = struct.pack("=BBBBI", family, parsed.network.prefixlen, 0, 0, socket.if_nametoindex(interface))
        body += _attribute(_IFA_LOCAL, parsed.packed) + _attribute(_IFA_ADDRESS, parsed.packed)
        body += _attribute(_IFA_FLAGS, struct.pack("=I", _NODAD)) + _attribute(_IFA_PROTO, bytes([mark]))
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as route:
            route.send(struct.pack("=IHHII", 16 + len(body), _RTM_NEWADDR, _REQUEST_ACK_CREATE, 1, 0) + body)
            error = -struct.unpack_from("=i", route.recv(4096), 16)[0]
        if error:
            raise OSError(error, os.strerror(error), address)

    namespace.inside(add)
