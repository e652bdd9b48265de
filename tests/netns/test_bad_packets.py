# SPDX-License-Identifier: BSD-2-Clause
"""Malformed, spoofed and truncated packets to a Backup: dropped, counted under their reason, and nothing else.

The packets are scapy's, so that two independent implementations agree on what is wrong with them.
"""

import functools

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.layers.vrrp import VRRP, VRRPv3
from scapy.packet import Raw

from checks import wait_until
from lab import configs
from lab.capture import sender
from lab.network import INTERFACE, ROUTERS, VIRTUAL_ADDRESS, VRID
from lab.routers import XvrrpRouter
from lab.run import Run
from lab.staging import staged
from lab.timers import Timers

COPIES = 25
DENT2, DENT3 = ROUTERS["dent2"][0], ROUTERS["dent3"][0]
STRANGER = "192.168.1.77"
GUIDE = {"vrid": VRID, "priority": 101, "addrlist": [VIRTUAL_ADDRESS], "adv": 1, "authtype": 1, "auth1": 0x31323132}


def v2(ip=None, **fields):
    """An advert as DENT2's, but for what is given."""
    return IP(**{"src": DENT2, "dst": DENT3, "ttl": 255, "proto": 112, **(ip or {})}) / VRRP(**{**GUIDE, **fields})


def v3(ip=None, **fields):
    fields = {"vrid": VRID, "priority": 101, "addrlist": [VIRTUAL_ADDRESS], "adv": 20, **fields}
    return IP(**{"src": DENT2, "dst": "224.0.0.18", "ttl": 255, "proto": 112, **(ip or {})}) / VRRPv3(**fields)


def message(packet, keep=None, **ip):
    """The packet with only the first bytes of its VRRP message, in an IP header that says so."""
    head = IP(src=packet.src, dst=packet.dst, ttl=255, proto=112, **ip)
    return head / Raw(bytes(packet.payload)[:keep])


# Reason and packet; on the guide's Backup.
UNICAST = {
    "ttl": ("ttl", v2(ip={"ttl": 254})),
    "version-1": ("version", v2(version=1)),
    "version-3-to-a-v2-router": ("version", v3(ip={"dst": DENT3})),
    "type": ("type", v2(type=2)),
    "half-a-header": ("length", message(v2(), keep=5)),
    "fewer-addresses-than-counted": ("length", v2(ipcount=9)),
    "no-authentication-data": ("length", message(v2(), keep=12)),
    "ip-says-more-than-there-is": ("truncated", message(v2(), keep=10, len=20 + 20)),
    "checksum": ("checksum", v2(chksum=0x1234)),
    "ip-checksum": ("ip_checksum", v2(ip={"chksum": 0x1234})),
    "no-addresses": ("no_addresses", v2(addrlist=[])),
    "unknown-vrid": ("unknown_vrid", v2(vrid=VRID + 1)),
    "other-interval": ("v2_interval", v2(adv=2)),
    "no-authentication": ("auth_type", v2(authtype=0, auth1=0)),
    "wrong-password": ("auth_data", v2(auth1=0x31323133)),
    "not-a-peer": ("not_a_peer", v2(ip={"src": STRANGER}, priority=254)),
    "not-a-peer-says-goodbye": ("not_a_peer", v2(ip={"src": STRANGER}, priority=0)),
    "our-own-address": ("own_source", v2(ip={"src": DENT3})),
    "loopback-source": ("source", v2(ip={"src": "127.0.0.1"})),
    "multicast-to-a-unicast-router": ("destination", v2(ip={"dst": "224.0.0.18"})),
}
# On a Backup of VRRPv3, multicast.
MULTICAST = {
    "ttl": ("ttl", v3(ip={"ttl": 1})),
    "version-2-to-a-v3-router": ("version", v2(ip={"dst": "224.0.0.18"})),
    "checksum": ("checksum", v3(chksum=0x1234)),
    "no-addresses": ("no_addresses", v3(addrlist=[])),
    "zero-interval": ("zero_interval", v3(adv=0)),
    "unicast-to-a-multicast-router": ("destination", v3(ip={"dst": DENT3})),
    "group-as-source": ("source", v3(ip={"src": "224.0.0.18"})),
}
# Exits of good adverts: the Master's own go on arriving while we look.
LEGITIMATE = {"backup_restart", "checksum_message"}


@pytest.fixture(scope="module")
def stage(request, xvrrpd):
    configuration, timers = {
        "unicast": (configs.guide, Timers(2, 1000)),
        "multicast": (functools.partial(configs.multicast_v3, interval="0.2"), Timers(3, 200)),
    }[request.param]
    with Run() as run, staged(run, (XvrrpRouter, XvrrpRouter), configuration, timers) as stage:
        stage.begin()
        yield stage


def counters(router):
    """All counters of a router by reason, over its interfaces and virtual routers."""
    stats = router.stats()
    total = {}
    for part in stats["interfaces"] + stats["virtual_routers"]:
        for reason, value in part["counters"].items():
            total[reason] = total.get(reason, 0) + value
    return total


def inject(stage, packet):
    """Sends copies out of PC1 to DENT3."""
    frame = bytes(Ether(src="02:00:00:00:00:77", dst=stage.network.dent3.mac(INTERFACE)) / packet)
    with sender(stage.network.pc1, "eth0") as sending:
        for _copy in range(COPIES):
            sending.send(frame)


def assert_only_counted(stage, reason, packet):
    backup = stage.routers["dent3"]
    status = backup.status()["instances"][0]
    assert status["state"] == "BACKUP"
    before = counters(backup)

    def changes():
        return {name: value - before.get(name, 0) for name, value in counters(backup).items()
                if value != before.get(name, 0) and name not in LEGITIMATE}

    inject(stage, packet)
    wait_until(lambda: sum(changes().values()) >= COPIES, what=f"{COPIES} packets counted")
    assert changes() == {reason: COPIES}
    after = backup.status()["instances"][0]
    for unchanged in ("state", "master", "effective_priority"):
        assert after[unchanged] == status[unchanged]


CASES = [pytest.param(mode, case, id=f"{mode}-{name}")
         for mode, cases in (("unicast", UNICAST), ("multicast", MULTICAST)) for name, case in cases.items()]


@pytest.mark.parametrize(("stage", "case"), CASES, indirect=["stage"], scope="module")
def test_bad_packet(stage, case):
    assert_only_counted(stage, *case)
