# SPDX-License-Identifier: BSD-2-Clause
"""What a frame on the wire says, decoded from the RFCs and without a line of the product's code."""

import socket
import struct
from dataclasses import dataclass

ETH_IPV4, ETH_ARP, ETH_IPV6 = 0x0800, 0x0806, 0x86DD
PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_VRRP = 1, 58, 112
_NEIGHBOR_ADVERTISEMENT, _SOLICITED = 136, 0x40
_BROADCAST = b"\xff" * 6


@dataclass(frozen=True)
class Seen:
    time: int  # ns since the epoch, the kernel's
    segment: str  # which switch saw it
    port: str  # the switch port it came in through: the name of the host behind it
    mac: str  # source MAC
    frame: bytes  # all of it


@dataclass(frozen=True)
class Advert(Seen):
    source: str
    destination: str
    ttl: int
    version: int
    vrid: int
    priority: int
    interval: float  # seconds
    addresses: tuple
    auth: tuple  # VRRPv2: (type, data); VRRPv3: (0, b"")
    checksum: str  # 'message' or 'pseudo-header', whichever verifies, or 'wrong'

    @property
    def family(self):
        return 6 if ":" in self.source else 4


@dataclass(frozen=True)
class GratuitousArp(Seen):
    address: str


@dataclass(frozen=True)
class UnsolicitedNa(Seen):
    """A Neighbor Advertisement that nobody asked for: IPv6's gratuitous ARP."""
    address: str


@dataclass(frozen=True)
class Packet(Seen):
    """Any other IPv4 packet."""
    source: str
    destination: str
    protocol: int
    icmp_type: int | None


def checksum(data):
    """RFC 1071, over an even or odd number of bytes; 0 when data holds its own right checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def pseudo_header(source, destination, length, protocol=PROTOCOL_VRRP):
    """Of packed addresses: VRRPv3's over IPv4 (RFC 5798 5.2.8), everybody's over IPv6 (RFC 8200 8.1)."""
    if len(source) == 4:
        return source + destination + struct.pack("!BBH", 0, protocol, length)
    return source + destination + struct.pack("!IHBB", length, 0, 0, protocol)


def decode(time, segment, port, frame):
    """The frame as one of the classes above, or None if it is none of them."""
    if len(frame) < 34:
        return None
    seen = (time, segment, port, frame[6:12].hex(":"), frame)
    ether_type = int.from_bytes(frame[12:14], "big")
    if ether_type == ETH_ARP:
        return _arp(seen, frame)
    if ether_type == ETH_IPV6 and len(frame) >= 54:
        return _ipv6(seen, frame)
    if ether_type != ETH_IPV4 or frame[14] >> 4 != 4:
        return None
    header = (frame[14] & 0xF) * 4
    length = int.from_bytes(frame[16:18], "big")
    body = frame[14 + header:14 + length]
    protocol = frame[23]
    if protocol == PROTOCOL_VRRP:
        return _advert(seen, frame[26:30], frame[30:34], frame[22], body)
    icmp_type = body[0] if protocol == PROTOCOL_ICMP and body else None
    return Packet(*seen, socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]), protocol, icmp_type)


def _arp(seen, frame):
    if len(frame) < 42:
        return None
    sender, target = frame[28:32], frame[38:42]
    if sender != target or frame[0:6] != _BROADCAST:
        return None
    return GratuitousArp(*seen, socket.inet_ntoa(sender))


def _ipv6(seen, frame):
    body = frame[54:54 + int.from_bytes(frame[18:20], "big")]
    if frame[20] == PROTOCOL_VRRP:
        return _advert(seen, frame[22:38], frame[38:54], frame[21], body)
    if (frame[20] == PROTOCOL_ICMPV6 and len(body) >= 24 and body[0] == _NEIGHBOR_ADVERTISEMENT
            and not body[4] & _SOLICITED):
        return UnsolicitedNa(*seen, _text(body[8:24]))
    return None


def _text(address):
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


def _advert(seen, source, destination, ttl, body):
    if len(body) < 8:
        return None
    version, vrid, priority, count, width = body[0] >> 4, body[1], body[2], body[3], len(source)
    end = 8 + width * count
    if version == 2:
        interval, auth, covered = float(body[5]), (body[4], bytes(body[end:end + 8])), end + 8
    else:
        interval, auth, covered = (int.from_bytes(body[4:6], "big") & 0xFFF) / 100, (0, b""), end
    if len(body) < covered:
        return None
    addresses = tuple(_text(body[at:at + width]) for at in range(8, end, width))
    return Advert(*seen, _text(source), _text(destination), ttl, version, vrid, priority, interval, addresses, auth,
                  _which_checksum(version, source, destination, body[:covered]))


def _which_checksum(version, source, destination, message):
    if checksum(message) == 0:
        return "message"
    if version == 3 and checksum(pseudo_header(source, destination, len(message)) + message) == 0:
        return "pseudo-header"
    return "wrong"
