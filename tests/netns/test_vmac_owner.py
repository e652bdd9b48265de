# SPDX-License-Identifier: BSD-2-Clause
"""use_vmac of an address owner: the addresses are the interface's own, and hosts see the virtual MAC alone (R97, R101)."""

import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether

from checks import wait_until
from lab.capture import now
from lab.run import Run
from vmac_lan import LINK_LOCAL, MACS, SIX, TARGET, VIP, Lan, conf


@pytest.fixture
def lan():
    with Run() as run:
        made = Lan(run)
        for address in (f"{VIP}/24", f"{LINK_LOCAL}/64", f"{SIX}/64"):
            made.hosts["first"].ip("addr", "add", address, "dev", "eth0")
        made.routers["first"].configure(conf(255, "use_vmac"))
        with made:
            yield made


def claims(lan, since):
    """(MAC of the frame, MAC in it) of all that says whose the owned addresses are."""
    arp = [(frame.mac, frame.packet[ARP].hwsrc) for frame in lan.frames(since, "first", ARP) if frame.packet[ARP].psrc == VIP]
    advertised = [(frame.mac, frame.packet[ICMPv6NDOptDstLLAddr].lladdr)
                  for frame in lan.frames(since, "first", ICMPv6ND_NA, ICMPv6NDOptDstLLAddr)
                  if frame.packet[ICMPv6ND_NA].tgt in (SIX, LINK_LOCAL)]
    return {4: arp, 6: advertised}


def test_an_owner_answers_with_it_alone(lan):
    host = lan.lan.mac("host")
    since = now()
    lan.say(Ether(dst="ff:ff:ff:ff:ff:ff", src=host) / ARP(op=1, hwsrc=host, psrc=lan.lan.address("host"), pdst=VIP),
            Ether(dst="33:33:ff:00:00:01", src=host) / IPv6(src=lan.lan.address("host", 6), dst="ff02::1:ff00:1", hlim=255)
            / ICMPv6ND_NS(tgt=SIX) / ICMPv6NDOptSrcLLAddr(lladdr=host))
    wait_until(lambda: all(claims(lan, since).values()), what="answers")
    assert all(lan.ping(TARGET[family]) and lan.neighbours(family) == mac for family, mac in MACS.items())
    assert {family: set(said) for family, said in claims(lan, since).items()} == {
        family: {(mac, mac)} for family, mac in MACS.items()}


def test_an_owner_that_restarts_says_nothing_else(lan):
    """Its neighbours ask for nothing meanwhile: what is seen, it says of its own accord."""
    lan.routers["first"].stop()
    since = now()
    lan.routers["first"].start()
    lan.wait("first", "MASTER")
    wait_until(lambda: all(claims(lan, since).values()), what="announcements")
    assert {family: set(said) for family, said in claims(lan, since).items()} == {
        family: {(mac, mac)} for family, mac in MACS.items()}
