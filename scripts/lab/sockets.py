# SPDX-License-Identifier: BSD-2-Clause
"""Sockets with the kernel's timestamps."""

import ctypes
import errno
import socket
import struct

_ETH_P_ALL = 0x0003
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 26, 33, 35
_SOL_PACKET, _PACKET_IGNORE_OUTGOING = 263, 23
_RECEIVE_BUFFER = 16 << 20

# Classic BPF: IPv4, ARP and IPv6, nothing else.
IP_OR_ARP = [(0x28, 0, 0, 12), (0x15, 2, 0, 0x0800), (0x15, 1, 0, 0x0806), (0x15, 0, 1, 0x86DD), (0x06, 0, 0, 0x40000),
             (0x06, 0, 0, 0)]
# VRRP over either, without options or extension headers: for a port where much else passes.
VRRP_ONLY = [(0x28, 0, 0, 12), (0x15, 0, 2, 0x0800), (0x30, 0, 0, 23), (0x15, 3, 4, 112), (0x15, 0, 3, 0x86DD),
             (0x30, 0, 0, 20), (0x15, 0, 1, 112), (0x06, 0, 0, 0x40000), (0x06, 0, 0, 0)]


def vrrp_of(vrid):
    """The same, over IPv4 alone and of one virtual router."""
    return [(0x28, 0, 0, 12), (0x15, 0, 5, 0x0800), (0x30, 0, 0, 23), (0x15, 0, 3, 112), (0x30, 0, 0, 35),
            (0x15, 0, 1, vrid), (0x06, 0, 0, 0x40000), (0x06, 0, 0, 0)]


def sniffer(interface, what=IP_OR_ARP):
    """A packet socket that sees what arrives at an interface, and not what leaves it. Call it inside the namespace."""
    sniffing = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in what)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(what), ctypes.addressof(buffer))
    sniffing.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    sniffing.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    stamp(sniffing)
    sniffing.bind((interface, _ETH_P_ALL))
    sniffing.setblocking(False)
    return sniffing


def stamp(receiving):
    """Asks for the time of arrival (CLOCK_REALTIME) of every packet, and for room to be slow in."""
    receiving.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    receiving.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)


def receive(receiving):
    """All that waits in a non-blocking socket, as (time in ns, bytes)."""
    while True:
        try:
            data, ancillary, _flags, _address = receiving.recvmsg(2048, 64)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ENETDOWN:  # said once when the link is cut
                raise
            continue
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("qq", value[:16])
                yield seconds * 1_000_000_000 + nanoseconds, data
