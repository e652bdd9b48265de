# SPDX-License-Identifier: BSD-2-Clause
"""What each byte of an advert and of its announcements has to be, by the RFCs; nothing here is the product's code.

The functions take a frame and return what is wrong with it, as sentences: none when all is right.
"""

import ipaddress
import struct
from dataclasses import dataclass

from .packets import ETH_ARP, ETH_IPV4, ETH_IPV6, PROTOCOL_ICMPV6, PROTOCOL_VRRP, checksum, pseudo_header

GROUPS = {4: "224.0.0.18", 6: "ff02::12"}
_ALL_NODES = "ff02::1"
_BROADCAST = "ff:ff:ff:ff:ff:ff"
_TOS = 0xC0  # DSCP CS6, as everybody sends it
_ROUTER_OVERRIDE = 0xA000_0000
_NO_AUTHENTICATION = (0, bytes(8))


@dataclass(frozen=True)
class ExpectedAdvert:
    mac: str  # source MAC
    source: str
    vrid: int
    priority: int
    addresses: tuple
    version: int = 3
    interval: int = 100  # as on the wire: v2 seconds, v3 centiseconds
    destination: str | None = None  # the group, unless given
    destination_mac: str | None = None  # the group's, unless given
    auth: tuple = _NO_AUTHENTICATION  # v2: type and data
    form: str = "pseudo-header"  # v3/IPv4: or "message"

    @property
    def family(self):
        return ipaddress.ip_address(self.source).version


class _Report:
    def __init__(self):
        self.faults = []

    def equal(self, what, found, expected):
        if found != expected:
            self.faults.append(f"{what} is {found}, not {expected}")


def group_mac(group):
    """RFC 1112 6.4, RFC 2464 7."""
    address = ipaddress.ip_address(group)
    if address.version == 6:
        return (b"\x33\x33" + address.packed[12:]).hex(":")
    return bytes((0x01, 0x00, 0x5E, address.packed[1] & 0x7F, *address.packed[2:])).hex(":")


def advert_faults(frame, expected):
    report = _Report()
    destination = expected.destination or GROUPS[expected.family]
    ethernet_to = expected.destination_mac or group_mac(destination)
    ether_type = ETH_IPV4 if expected.family == 4 else ETH_IPV6
    if not _ethernet(report, frame, ethernet_to, expected.mac, ether_type):
        return report.faults
    if expected.family == 4:
        message = _ipv4(report, frame[14:], expected.source, destination)
    else:
        message = _ipv6(report, frame[14:], expected.source, destination, PROTOCOL_VRRP)
    _vrrp(report, message, expected, destination)
    return report.faults


def gratuitous_arp_faults(frame, mac, address):
    """A broadcast request of an address for itself; the target hardware address is the sender's (erratum 7949)."""
    report = _Report()
    if not _ethernet(report, frame, _BROADCAST, mac, ETH_ARP):
        return report.faults
    if len(frame) < 42:
        return ["shorter than an ARP packet"]
    kind, protocol, hardware_bytes, protocol_bytes, operation = struct.unpack_from("!HHBBH", frame, 14)
    report.equal("hardware type", kind, 1)
    report.equal("protocol type", hex(protocol), hex(ETH_IPV4))
    report.equal("lengths", (hardware_bytes, protocol_bytes), (6, 4))
    report.equal("operation", operation, 1)
    report.equal("sender MAC", frame[22:28].hex(":"), mac)
    report.equal("sender address", _text(frame[28:32]), address)
    report.equal("target MAC", frame[32:38].hex(":"), mac)
    report.equal("target address", _text(frame[38:42]), address)
    return report.faults


def unsolicited_na_faults(frame, mac, address):
    """RFC 9568 6.4.2 and RFC 4861 4.4, 7.2.6: to all nodes, Router and Override set, Solicited not."""
    report = _Report()
    if not _ethernet(report, frame, group_mac(_ALL_NODES), mac, ETH_IPV6):
        return report.faults
    body = _ipv6(report, frame[14:], address, _ALL_NODES, PROTOCOL_ICMPV6, traffic_class=None)
    if len(body) != 32:
        return [*report.faults, f"{len(body)} bytes of ICMPv6, not 32"]
    source, destination = frame[22:38], frame[38:54]
    report.equal("type and code", tuple(body[:2]), (136, 0))
    covered = pseudo_header(source, destination, 32, PROTOCOL_ICMPV6) + body
    report.equal("ICMPv6 checksum over all", checksum(covered), 0)
    report.equal("flags", hex(int.from_bytes(body[4:8], "big")), hex(_ROUTER_OVERRIDE))
    report.equal("target", _text(body[8:24]), address)
    report.equal("option", tuple(body[24:26]), (2, 1))
    report.equal("target link-layer address", body[26:32].hex(":"), mac)
    return report.faults


def _ethernet(report, frame, destination, source, ether_type):
    """Whether it is worth looking further."""
    report.equal("Ethernet destination", frame[0:6].hex(":"), destination)
    report.equal("Ethernet source", frame[6:12].hex(":"), source)
    found = int.from_bytes(frame[12:14], "big")
    report.equal("EtherType", hex(found), hex(ether_type))
    return found == ether_type


def _text(packed):
    return str(ipaddress.ip_address(packed))


def _padding(report, rest):
    """Short frames may be padded; an advert is followed by nothing else."""
    if rest.strip(b"\0"):
        report.faults.append(f"{len(rest)} bytes that are not padding follow the IP packet")


def _ipv4(report, packet, source, destination):
    """Checks the header and returns what it carries."""
    report.equal("version and header length", hex(packet[0]), "0x45")
    report.equal("TOS", hex(packet[1]), hex(_TOS))
    total = int.from_bytes(packet[2:4], "big")
    report.equal("flags and fragment offset", hex(int.from_bytes(packet[6:8], "big")), "0x0")
    report.equal("TTL", packet[8], 255)
    report.equal("protocol", packet[9], PROTOCOL_VRRP)
    report.equal("header checksum over all", checksum(packet[:20]), 0)
    report.equal("source", _text(packet[12:16]), source)
    report.equal("destination", _text(packet[16:20]), destination)
    if total > len(packet):
        report.faults.append(f"total length is {total}, of which {len(packet)} bytes came")
    _padding(report, packet[total:])
    return packet[20:total]


def _ipv6(report, packet, source, destination, next_header, traffic_class=_TOS):
    """Checks the header and returns what it carries."""
    if len(packet) < 40:
        report.faults.append("shorter than an IPv6 header")
        return b""
    report.equal("version", packet[0] >> 4, 6)
    if traffic_class is not None:
        report.equal("traffic class", hex(int.from_bytes(packet[0:2], "big") >> 4 & 0xFF), hex(traffic_class))
    length = int.from_bytes(packet[4:6], "big")
    report.equal("next header", packet[6], next_header)
    report.equal("hop limit", packet[7], 255)
    report.equal("source", _text(packet[8:24]), source)
    report.equal("destination", _text(packet[24:40]), destination)
    if length > len(packet) - 40:
        report.faults.append(f"payload length is {length}, of which {len(packet) - 40} bytes came")
    _padding(report, packet[40 + length:])
    return packet[40:40 + length]


def _vrrp(report, message, expected, destination):
    width = 4 if expected.family == 4 else 16
    end = 8 + width * len(expected.addresses)
    report.equal("message length", len(message), end + (8 if expected.version == 2 else 0))
    if len(message) < 8:
        return
    report.equal("version and type", hex(message[0]), hex(expected.version << 4 | 1))
    report.equal("VRID", message[1], expected.vrid)
    report.equal("priority", message[2], expected.priority)
    report.equal("address count", message[3], len(expected.addresses))
    if expected.version == 2:
        report.equal("Adver Int", message[5], expected.interval)
        report.equal("authentication", (message[4], bytes(message[end:end + 8])), expected.auth)
    else:
        # With the reserved nibble, which is zero.
        report.equal("Max Advertise Interval", hex(int.from_bytes(message[4:6], "big")), hex(expected.interval))
    found = tuple(_text(message[at:at + width]) for at in range(8, min(end, len(message) - width + 1), width))
    report.equal("addresses", found, expected.addresses)
    covered = message
    if expected.version == 3 and (expected.family == 6 or expected.form == "pseudo-header"):
        source, target = (ipaddress.ip_address(address).packed for address in (expected.source, destination))
        covered = pseudo_header(source, target, len(message)) + message
    report.equal("checksum over all", checksum(covered), 0)
