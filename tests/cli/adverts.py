# SPDX-License-Identifier: BSD-2-Clause
"""Adverts as scapy builds them: right ones, and ones with one thing wrong."""

from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.layers.vrrp import VRRP, VRRPv3

SOURCE, OTHER_SOURCE, SOURCE_SIX = "192.168.1.12", "192.168.1.14", "fe80::c"
_MAC = "02:00:00:00:00:0c"


def _four(message, source=SOURCE, ttl=255):
    return Ether(src=_MAC, dst="01:00:5e:00:00:12") / IP(src=source, dst="224.0.0.18", ttl=ttl) / message


def v2(vrid, priority=100, seconds=1, source=SOURCE, ttl=255, **fields):
    return bytes(_four(VRRP(vrid=vrid, priority=priority, adv=seconds, addrlist=["192.168.1.13"], **fields), source, ttl))


def v3(vrid, priority=100, centiseconds=100, source=SOURCE, ttl=255, **fields):
    message = VRRPv3(vrid=vrid, priority=priority, adv=centiseconds, addrlist=["192.168.1.13"], **fields)
    return bytes(_four(message, source, ttl))


def six(vrid, priority=100, centiseconds=100):
    message = VRRPv3(vrid=vrid, priority=priority, adv=centiseconds, addrlist=["fe80::d"])
    return bytes(Ether(src=_MAC, dst="33:33:00:00:00:12") / IPv6(src=SOURCE_SIX, dst="ff02::12", hlim=255) / message)


def bad_checksum(vrid):
    return v2(vrid, chksum=0xBAD)


def bad_ttl(vrid):
    return v2(vrid, ttl=64)
