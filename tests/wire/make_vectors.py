#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Builds tests/wire/vectors/scapy.txt with scapy, an implementation that shares nothing with ours.

A line is: name | expected reason | fields | frame in hex. Fields are key=value pairs of the parsed advert; `built=` names
the lines that our own builder must reproduce byte for byte. Run it again after a change: the output is deterministic.
"""
import sys

from scapy.config import conf

conf.ipv6_enabled = True
from scapy.layers.inet import IP, in4_chksum  # noqa: E402
from scapy.layers.inet6 import IPv6, in6_chksum  # noqa: E402
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether  # noqa: E402
from scapy.layers.vrrp import VRRP, VRRPv3  # noqa: E402
from scapy.packet import Raw  # noqa: E402
from scapy.utils import checksum  # noqa: E402

MAC = "02:00:00:00:00:01"
GROUP = "224.0.0.18"
SOURCE = "192.168.1.11"


def ether(**kw):
    return Ether(src=MAC, dst=kw.pop("dst", "01:00:5e:00:00:12"), **kw)


def ip(**kw):
    return IP(**{"src": SOURCE, "dst": GROUP, "ttl": 255, "tos": 0xC0, "id": 0, **kw})


def ip6(**kw):
    return IPv6(**{"src": "fe80::c8", "dst": "ff02::12", "hlim": 255, "tc": 0xC0, **kw})


def v2(**kw):
    return VRRP(**{"vrid": 150, "priority": 101, "addrlist": ["192.168.1.13"], "adv": 1, **kw})


def v3(**kw):
    return VRRPv3(**{"vrid": 10, "priority": 100, "addrlist": ["192.0.2.1", "192.0.2.2"], "adv": 100, **kw})


def v3_six(**kw):
    return VRRPv3(**{"vrid": 10, "priority": 100, "addrlist": ["fe80::1", "2001:db8::1"], "adv": 100, **kw})


def password(text):
    data = text.encode().ljust(8, b"\0")
    return {"authtype": 1, "auth1": int.from_bytes(data[:4], "big"), "auth2": int.from_bytes(data[4:], "big")}


def message_only(packet):
    """The same v3/IPv4 packet with RFC 9568's checksum: no pseudo-header."""
    raw = bytearray(bytes(packet[VRRPv3]))
    raw[6:8] = b"\0\0"
    raw[6:8] = checksum(bytes(raw)).to_bytes(2, "big")
    header = packet.copy()
    header[IP].remove_payload()
    header[IP].proto = 112
    return bytes(header / Raw(bytes(raw)))


def lengthened(packet, extra, summed):
    """The IP packet with bytes behind its VRRP message, which the checksum covers or does not."""
    layer = VRRPv3 if VRRPv3 in packet else VRRP
    raw = bytes(packet[layer])
    header = packet.copy()
    (header[IP] if IP in header else header[IPv6]).remove_payload()
    if summed:
        raw = raw[:6] + b"\0\0" + raw[8:] + extra
        value = checksum(raw) if layer is VRRP else (
            in4_chksum(112, header[IP], raw) if IP in header else in6_chksum(112, header[IPv6], raw))
        raw = raw[:6] + value.to_bytes(2, "big") + raw[8:]
    else:
        raw += extra
    if IP in header:
        header[IP].proto = 112
    else:
        header[IPv6].nh = 112
    return bytes(header / Raw(raw))


def flip(frame, offset, mask=0xFF):
    frame = bytearray(bytes(frame))
    frame[offset] ^= mask
    return bytes(frame)


def vectors():
    guide = ether() / ip() / v2(**password("1212"))
    plain = ether() / ip() / v2()
    three = ether() / ip() / v3()
    six_ether = Ether(src=MAC, dst="33:33:00:00:00:12")
    six = six_ether / ip6() / v3_six()
    unicast = Ether(src="00:00:00:00:00:00", dst="00:00:00:00:00:00") / ip(dst="192.168.1.12") / v2(**password("1212"))
    zeroed = Ether(src=MAC, dst="00:00:00:00:00:00")

    yield "v2_guide_pass", "observed", "family=4 version=2 vrid=150 priority=101 interval=1 count=1 auth_type=1 built=1", guide
    yield "v2_no_auth", "observed", "family=4 version=2 vrid=150 priority=101 interval=1 count=1 auth_type=0 built=1", plain
    yield "v2_priority_0", "observed", "priority=0 built=1", ether() / ip() / v2(priority=0)
    yield "v2_unicast", "observed", "unicast=1 priority=101 built=1", unicast
    yield "v2_255_addresses", "observed", "count=255 built=1", ether() / ip() / v2(
        addrlist=[f"10.0.{i // 200}.{i % 200 + 1}" for i in range(255)])
    yield "v3_pseudo", "observed", "family=4 version=3 vrid=10 priority=100 interval=100 count=2 message_only=0 built=1", three
    yield "v3_message_only", "observed", "version=3 message_only=1 built=1", message_only(three)
    yield "v3_10ms", "observed", "interval=1 built=1", ether() / ip() / v3(adv=1)
    yield "v3_4095cs", "observed", "interval=4095 built=1", ether() / ip() / v3(adv=4095)
    yield "v3_reserve_set", "observed", "interval=100", ether() / ip() / v3(res=15)
    yield "v3_owner", "observed", "priority=255 built=1", ether() / ip() / v3(priority=255)
    yield "v3_unicast", "observed", "unicast=1 version=3 built=1", zeroed / ip(dst="192.168.1.12") / v3()
    yield "v3_ipv6", "observed", "family=6 version=3 vrid=10 priority=100 interval=100 count=2 built=1", six
    yield "v3_ipv6_priority_0", "observed", "family=6 priority=0 built=1", six_ether / ip6() / v3_six(priority=0)
    yield "v3_ipv6_owner_10ms", "observed", "family=6 priority=255 interval=1 built=1", six_ether / ip6() / v3_six(
        priority=255, adv=1)
    yield "v3_ipv6_one_address", "observed", "family=6 count=1 built=1", six_ether / ip6() / v3_six(addrlist=["fe80::1"])
    yield "v3_ipv6_92_addresses", "observed", "family=6 count=92 built=1", six_ether / ip6() / v3_six(
        addrlist=[f"fe80::{i + 1:x}" for i in range(92)])
    yield "v3_ipv6_unicast", "observed", "family=6 unicast=1 built=1", zeroed / ip6(
        src="2001:db8::c8", dst="2001:db8::c9") / v3_six()
    yield "v3_255_addresses", "observed", "count=255 built=1", ether() / ip() / v3(
        addrlist=[f"10.1.{i // 200}.{i % 200 + 1}" for i in range(255)])
    yield "trailing_v3", "observed", "count=2 trailing=1", lengthened(three, b"\xde\xad\xbe", False)
    yield "trailing_v3_summed", "observed", "count=2 trailing=1", lengthened(three, b"\xde\xad\xbe", True)
    yield "trailing_v2", "observed", "count=1 trailing=1", lengthened(guide, b"\1\2\3\4", False)
    yield "trailing_v2_summed", "observed", "count=1 trailing=1", lengthened(guide, b"\1\2\3\4\5", True)
    yield "trailing_ipv6", "observed", "count=2 trailing=1", lengthened(six, b"\1", False)
    yield "trailing_ipv6_summed", "observed", "count=2 trailing=1", lengthened(six, b"\1\2\3\4\5\6\7", True)
    yield "vlan", "observed", "vlan=42 inner_vlan=0 vrid=10", ether(type=0x8100) / Dot1Q(vlan=42, prio=6) / ip() / v3()
    yield "priority_tag", "observed", "vlan=0 inner_vlan=0 vrid=10", ether(type=0x8100) / Dot1Q(vlan=0, prio=6) / ip() / v3()
    yield "priority_tag_outside", "observed", "vlan=42 inner_vlan=0 vrid=10", ether(type=0x8100) / Dot1Q(
        vlan=0, prio=6) / Dot1Q(vlan=42) / ip() / v3()
    yield "priority_tag_inside", "observed", "vlan=42 inner_vlan=0 vrid=10", ether(type=0x8100) / Dot1Q(
        vlan=42) / Dot1Q(vlan=0, prio=6) / ip() / v3()
    yield "qinq", "observed", "vlan=7 inner_vlan=42 vrid=10", ether(type=0x88A8) / Dot1AD(vlan=7) / Dot1Q(vlan=42) / ip() / v3()
    yield "ethernet_padding", "observed", "count=1", ether() / ip(len=40) / v2() / Raw(bytes(6))
    yield "ip_option", "observed", "count=2", ether() / ip(options=b"\x01\x01\x01\x01") / v3()
    yield "ip_options_40", "observed", "count=2", ether() / ip(options=b"\x01" * 40) / v3()
    yield "qinq_ip_options_40", "observed", "vlan=7 inner_vlan=42 count=2", ether(type=0x88A8) / Dot1AD(vlan=7) / Dot1Q(
        vlan=42) / ip(options=b"\x01" * 40) / v3()

    yield "not_vrrp_udp", "not_vrrp", "", ether() / ip(proto=17) / Raw(bytes(20))
    yield "not_vrrp_arp", "not_vrrp", "", ether(type=0x0806) / Raw(bytes(28))
    yield "fragment_first", "fragment", "vrid=0", ether() / ip(flags="MF") / v3()
    yield "fragment_later", "fragment", "", ether() / ip(frag=3, proto=112) / Raw(bytes(16))
    yield "ttl_254", "ttl", "vrid=10", ether() / ip(ttl=254) / v3()
    yield "ttl_1", "ttl", "vrid=10", ether() / ip(ttl=1) / v3()
    yield "hop_limit_254", "ttl", "family=6 vrid=10", Ether(src=MAC) / ip6(hlim=254) / v3_six()
    yield "ip_checksum", "ip_checksum", "", ether() / ip(chksum=0x1234) / v3()
    yield "version_0", "version", "", flip(three, 34, 0x30)
    yield "version_4", "version", "", flip(three, 34, 0x70)
    yield "version_2_ipv6", "version", "", flip(six, 54, 0x10)
    yield "type_2", "type", "", flip(three, 34, 0x03)
    yield "type_0", "type", "", flip(three, 34, 0x01)
    yield "payload_0", "length", "vrid=0", ether() / ip(proto=112)
    yield "payload_4", "length", "vrid=0", ether() / ip(proto=112) / Raw(b"\x31\x0a\x64\x01")
    yield "payload_7", "length", "vrid=0", ether() / ip(proto=112) / Raw(b"\x31\x0a\x64\x01\x00\x64\x00")
    yield "count_above_addresses", "length", "vrid=10", ether() / ip() / v3(ipcount=3)
    yield "v2_without_auth_data", "length", "vrid=150", ether() / ip(len=32) / v2()
    yield "frame_cut", "truncated", "vrid=10", bytes(three)[:-3]
    yield "frame_cut_in_trailer", "truncated", "vrid=10", lengthened(three, b"\xde\xad\xbe", False)[:-1]
    yield "frame_cut_in_header", "truncated", "", bytes(three)[:40]
    yield "ihl_4", "truncated", "", flip(three, 14, 0x01)
    yield "checksum_v2", "checksum", "vrid=150", flip(guide, 40)
    yield "checksum_v3", "checksum", "vrid=10", flip(three, 41, 0x01)
    yield "checksum_ipv6", "checksum", "vrid=10", flip(six, 61, 0x01)
    yield "priority_changed", "checksum", "vrid=10", flip(three, 36, 0x01)
    yield "no_addresses_v3", "no_addresses", "vrid=10", ether() / ip() / v3(addrlist=[])
    yield "no_addresses_v2", "no_addresses", "vrid=150", ether() / ip() / v2(addrlist=[])
    yield "zero_interval", "zero_interval", "vrid=10", ether() / ip() / v3(adv=0)
    yield "source_zero", "source", "", ether() / ip(src="0.0.0.0") / v3()
    yield "source_multicast", "source", "", ether() / ip(src="224.0.0.5") / v3()
    yield "source_loopback", "source", "", ether() / ip(src="127.0.0.1") / v3()
    yield "ipv6_global_source", "source", "", Ether(src=MAC) / ip6(src="2001:db8::c8") / v3_six()
    yield "ipv6_first_global", "not_link_local", "", Ether(src=MAC) / ip6() / v3_six(addrlist=["2001:db8::1"])
    yield "ipv6_100_addresses", "too_long", "", Ether(src=MAC) / ip6() / v3_six(
        addrlist=[f"fe80::{i + 1:x}" for i in range(100)])


def main():
    out = sys.stdout if len(sys.argv) < 2 else open(sys.argv[1], "w", encoding="ascii")
    print("# Made by make_vectors.py with scapy; do not edit. name | expected reason | fields | frame", file=out)
    for name, reason, fields, frame in vectors():
        print(f"{name} | {reason} | {fields} | {bytes(frame).hex()}", file=out)


if __name__ == "__main__":
    main()
