# SPDX-License-Identifier: BSD-2-Clause
"""use_vmac with a MAC of one's own, and with keepalived and its macvlan as the other router."""

from scapy.layers.inet import IP

from checks import wait_until
from lab.capture import now
from lab.routers import KeepalivedRouter
from lab.run import Run
from vmac_lan import CUSTOM, FAR, MACS, SIX, TARGET, VIP, Lan


def test_a_custom_mac_and_adverts_from_the_device():
    with Run() as run, Lan(run, ("use_vmac vrrp.10 {mac}", "vmac_xmit_base")) as lan:
        since = now()
        wait_until(lambda: len(lan.adverts(since, IP)) > 2)
        assert {frame.mac for frame in lan.adverts(since, IP)} == {lan.lan.mac("first")}
        lan.hosts["host"].ip("neigh", "flush", "dev", "eth0")
        for family in CUSTOM:
            assert lan.ping(TARGET[family]) and lan.ping(FAR[family])
            assert lan.neighbours(family) == CUSTOM[family]


def test_keepalived_and_xvrrpd_share_it():
    """keepalived with its macvlan is the Master; it goes and comes back, and hosts that have the virtual MAC keep it.
    (keepalived's base interface answers ARP as well, now and then: R96 is not its test here.)"""
    with Run() as run, Lan(run, first=KeepalivedRouter) as lan:
        assert lan.ping(VIP) and lan.ping(SIX)
        lan.hosts["host"].ip("neigh", "replace", VIP, "lladdr", MACS[4], "dev", "eth0", "nud", "reachable")
        assert lan.ping(VIP)
        assert lan.neighbours(6) == MACS[6]
        lan.routers["first"].terminate()
        lan.wait("second", "MASTER")
        assert lan.ping(VIP) and lan.ping(SIX)
        assert (lan.neighbours(4), lan.neighbours(6)) == (MACS[4], MACS[6])
        lan.routers["first"].wait_exit()
        lan.routers["first"].start()
        lan.wait("first", "MASTER")
        lan.wait("second", "BACKUP")
        assert lan.ping(VIP) and lan.ping(SIX)
        assert (lan.neighbours(4), lan.neighbours(6)) == (MACS[4], MACS[6])
