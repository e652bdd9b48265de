# SPDX-License-Identifier: BSD-2-Clause
"""use_vmac: what hosts, switches and packets see of the virtual MAC, decoded by scapy (RFC 9568 7.3, 8.1, 8.2)."""

import subprocess
import time

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                                ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, ICMPv6TimeExceeded, IPv6)
from scapy.layers.l2 import ARP, Ether

from checks import wait_until
from lab.capture import Capture, now
from lab.run import Run
from lab.segment import BRIDGE
from lab.speaker import Message, Speaker
from vmac_lan import (FAR, LINK_LOCAL, MACS, PRIORITIES, SIX, TARGET, VIP, VRID, Frame, Lan,
                      sum_is_right)

FAMILIES = pytest.mark.parametrize("family", (4, 6), ids=("ipv4", "ipv6"))


@pytest.fixture(scope="module", params=("tcx", "clsact"))
def lan(request):
    options = ("--no-feature", "tcx") if request.param == "clsact" else ()
    with Run() as run, Lan(run, options=options) as made:
        yield made


def settled():
    """A second answer, which must not come, would have come by then."""
    time.sleep(0.3)


@FAMILIES
def test_adverts_carry_it(lan, family):
    """R5, R6."""
    protocol = {4: IP, 6: IPv6}[family]
    since = now()
    wait_until(lambda: len(lan.adverts(since, protocol)) > 3)
    assert {frame.mac for frame in lan.adverts(since, protocol)} == {MACS[family]}


def test_arp_is_answered_with_it_alone(lan):
    """R96: broadcast and unicast requests and probes; one reply each."""
    host = lan.lan.mac("host")
    for destination, source in (("ff:ff:ff:ff:ff:ff", lan.lan.address("host")), (MACS[4], lan.lan.address("host")),
                                ("ff:ff:ff:ff:ff:ff", "0.0.0.0")):
        since = now()
        lan.say(Ether(dst=destination, src=host) / ARP(op=1, hwsrc=host, psrc=source, pdst=VIP))
        replies = wait_until(lambda: [frame for frame in lan.frames(since, None, ARP) if frame.packet[ARP].op == 2])
        settled()
        replies = [frame for frame in lan.frames(since, None, ARP) if frame.packet[ARP].op == 2]
        assert [(frame.port, frame.mac, frame.packet[ARP].hwsrc) for frame in replies] == [("first", MACS[4], MACS[4])]


def test_arp_for_its_own_address_is_answered_with_its_own_mac(lan):
    """R102, in both states."""
    host = lan.lan.mac("host")
    for router in PRIORITIES:
        since = now()
        lan.say(Ether(dst="ff:ff:ff:ff:ff:ff", src=host)
                / ARP(op=1, hwsrc=host, psrc=lan.lan.address("host"), pdst=lan.lan.address(router)))
        [reply] = wait_until(lambda: [frame for frame in lan.frames(since, router, ARP) if frame.packet[ARP].op == 2])
        assert (reply.mac, reply.packet[ARP].hwsrc) == (lan.lan.mac(router), lan.lan.mac(router))


@pytest.mark.parametrize("target", (SIX, LINK_LOCAL))
def test_solicitations_are_answered_with_it_alone(lan, target):
    """R106: multicast and unicast; R, S, O, hop limit 255, a checksum that verifies. Who asks by unicast knows the MAC:
    the kernel does not say it again, nor does it override (RFC 4861 7.2.4)."""
    host, source = lan.lan.mac("host"), lan.lan.address("host", 6)
    group = "ff02::1:ff00:1"
    for mac, destination in (("33:33:ff:00:00:01", group), (MACS[6], target)):
        since = now()
        lan.say(Ether(dst=mac, src=host) / IPv6(src=source, dst=destination, hlim=255)
                / ICMPv6ND_NS(tgt=target) / ICMPv6NDOptSrcLLAddr(lladdr=host))
        wait_until(lambda: solicited(lan, since, target))
        settled()
        [answer] = solicited(lan, since, target)
        message = answer.packet[ICMPv6ND_NA]
        assert (answer.port, answer.mac) == ("first", MACS[6])
        multicast = destination == group
        assert [option.lladdr for option in options(message)] == [MACS[6]] * multicast
        assert (message.R, message.S, message.O, answer.packet[IPv6].hlim) == (1, 1, multicast, 255)
        assert sum_is_right(answer.packet)


def options(message):
    return [message[ICMPv6NDOptDstLLAddr]] if ICMPv6NDOptDstLLAddr in message else []


def solicited(lan, since, target):
    return [frame for frame in lan.frames(since, None, ICMPv6ND_NA) if frame.packet[ICMPv6ND_NA].tgt == target]


def test_duplicate_address_detection_hears_of_it(lan):
    """R117: the answer to an unspecified source goes to all nodes, not solicited."""
    since = now()
    lan.say(Ether(dst="33:33:ff:00:00:01", src=lan.lan.mac("host")) / IPv6(src="::", dst="ff02::1:ff00:1", hlim=255)
            / ICMPv6ND_NS(tgt=SIX))
    [answer] = wait_until(lambda: solicited(lan, since, SIX))
    assert (answer.packet[IPv6].dst, answer.packet[ICMPv6ND_NA].S, answer.mac) == ("ff02::1", 0, MACS[6])


@FAMILIES
def test_a_host_reaches_the_address_and_what_lies_beyond(lan, family):
    """R119, R122: ping to the address and through it; what comes from the address carries the virtual MAC."""
    lan.hosts["host"].ip("neigh", "flush", "dev", "eth0")
    since = now()
    assert lan.ping(TARGET[family])
    assert lan.ping(FAR[family])
    assert lan.neighbours(family) == MACS[family]
    protocol, reply = {4: (IP, ICMP), 6: (IPv6, ICMPv6EchoReply)}[family]
    replies = [frame for frame in lan.frames(since, "first", protocol, reply)
               if frame.packet[protocol].src == TARGET[family] and (family == 6 or frame.packet[ICMP].type == 0)]
    assert len(replies) == 3
    assert {frame.mac for frame in replies} == {MACS[family]}


@FAMILIES
def test_a_backup_drops_frames_for_it(lan, family):
    """R120: not forwarded, no ICMP; what is for its own MAC is forwarded still."""
    protocol = {4: IP, 6: IPv6}[family]
    source = {4: lan.lan.address("host"), 6: "2001:db8::9"}[family]
    transit = protocol(src=source, dst=FAR[family]) / UDP(sport=4000, dport=4001) / b"transit"
    with Capture(Frame).add("beyond", lan.beyond.switch, PRIORITIES) as beyond:
        # The switch believes that the Backup has the virtual MAC, as it may for a moment after a takeover.
        lan.lan.switch.run("bridge", "fdb", "replace", MACS[family], "dev", "second", "master", "static",
                           "sticky")
        try:
            before = lan.routers["second"].counters(VRID, family).get("not_master", 0)
            lan.say(*[Ether(dst=MACS[family], src=lan.lan.mac("host")) / transit] * 5)
            wait_until(lambda: lan.routers["second"].counters(VRID, family).get("not_master", 0) == before + 5)
            since = now()
            lan.say(Ether(dst=lan.lan.mac("second"), src=lan.lan.mac("host")) / transit)
            wait_until(lambda: [frame for frame in beyond.select(Frame, since) if frame.has(UDP)])
            passed = [frame for frame in beyond.select(Frame, 0) if frame.has(UDP)]
            assert [frame.port for frame in passed] == ["second"]
        finally:
            lan.lan.switch.run("bridge", "fdb", "del", MACS[family], "dev", "second", "master")


@FAMILIES
def test_a_traceroute_names_the_router(lan, family):
    source = {4: lan.lan.address("host"), 6: "2001:db8::9"}[family]
    since = now()
    if family == 4:
        lan.say(Ether(dst=MACS[4], src=lan.lan.mac("host")) / IP(src=source, dst=FAR[4], ttl=1) / UDP(dport=33434))
        exceeded = wait_until(lambda: [frame for frame in lan.frames(since, "first", ICMP)
                                       if frame.packet[ICMP].type == 11])
    else:
        lan.say(Ether(dst=MACS[6], src=lan.lan.mac("host")) / IPv6(src=source, dst=FAR[6], hlim=1) / UDP(dport=33434))
        exceeded = wait_until(lambda: lan.frames(since, "first", ICMPv6TimeExceeded))
    assert exceeded[0].packet.dst == lan.lan.mac("host")


def test_tcp_reaches_the_address(lan):
    server = subprocess.Popen(lan.hosts["first"].enter(
        "/usr/bin/python3", "-c", "import socket; s = socket.create_server(('192.0.2.1', 7000)); print('up', flush=True)\n"
        "c, _ = s.accept(); c.sendall(c.recv(5))"), stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "up\n"
        done = lan.hosts["host"].run("/usr/bin/python3", "-c", "import socket; s = socket.create_connection(('192.0.2.1', "
                                     "7000), 5); s.sendall(b'hello'); print(s.recv(5))")
        assert done.stdout == "b'hello'\n"
    finally:
        server.kill()
        server.wait()


def test_nothing_derives_an_address_from_it(lan):
    """R116."""
    for router in PRIORITIES:
        shown = lan.hosts[router].ip("addr", "show")
        assert "200:5eff:fe00" not in shown
        assert "00:00:5e" not in lan.hosts[router].ip("link", "show")


def test_the_receive_filter_has_it(lan):
    for router in PRIORITIES:
        entries = lan.hosts[router].run("bridge", "fdb", "show", "dev", "eth0").stdout
        assert all(f"{mac} self permanent" in entries for mac in MACS.values())


def test_status_names_it(lan):
    for family in (4, 6):
        assert lan.routers["first"].instance(VRID, family)["virtual_mac"] == MACS[family]


def test_router_advertisements_from_the_address_carry_it(lan):
    """R111, as radvd sends them with AdvRASrcAddress: Ethernet source and option; the checksum verifies."""
    own = lan.lan.mac("first")
    code = f"""
from scapy.all import *
conf.verb = 0
sendp(Ether(src="{own}", dst="33:33:00:00:00:01") / IPv6(src="{LINK_LOCAL}", dst="ff02::1", hlim=255)
      / ICMPv6ND_RA() / ICMPv6NDOptPrefixInfo(prefix="2001:db8::") / ICMPv6NDOptSrcLLAddr(lladdr="{own}"), iface="eth0")
"""
    since = now()
    lan.hosts["first"].run("/usr/bin/python3", "-c", code)
    [advertised] = wait_until(lambda: lan.frames(since, "first", ICMPv6ND_RA))
    assert (advertised.mac, advertised.packet[ICMPv6NDOptSrcLLAddr].lladdr) == (MACS[6], MACS[6])
    assert sum_is_right(advertised.packet)


def test_frames_from_another_router_with_it_are_received(lan):
    """R129: another Master's advert has our virtual MAC as its source."""
    with Speaker(lan.hosts["host"], "eth0", MACS[4]) as speaker:
        before = lan.routers["first"].counters(VRID).get("master_heard", 0)
        speaker.say(Message(VRID, (VIP,), lan.lan.address("host"), 50, interval=20))
    wait_until(lambda: lan.routers["first"].counters(VRID).get("master_heard", 0) > before)


@FAMILIES
def test_a_failover_changes_no_neighbour_entry(lan, family):
    """R99, R103, R108, R128: announcements with the virtual MAC, the switch learns the port, hosts change nothing."""
    assert lan.ping(TARGET[family])
    assert lan.neighbours(family) == MACS[family]
    since = lan.routers["first"].terminate()
    lan.routers["first"].wait_exit()
    lan.wait("second", "MASTER")
    assert lan.ping(TARGET[family])
    assert lan.neighbours(family) == MACS[family]
    wait_until(lambda: "second" in learned(lan, family))
    told = [frame for frame in lan.frames(since, "second", ARP) if frame.packet[ARP].psrc == frame.packet[ARP].pdst == VIP]
    assert {(frame.mac, frame.packet[ARP].hwsrc, frame.packet.dst) for frame in told} == {
        (MACS[4], MACS[4], "ff:ff:ff:ff:ff:ff")}
    unsolicited = [frame for frame in lan.frames(since, "second", ICMPv6ND_NA)
                   if frame.packet[IPv6].dst == "ff02::1" and frame.packet[ICMPv6ND_NA].S == 0]
    assert {frame.packet[ICMPv6ND_NA].tgt for frame in unsolicited} == {SIX, LINK_LOCAL}
    assert {(frame.mac, frame.packet[ICMPv6NDOptDstLLAddr].lladdr) for frame in unsolicited} == {(MACS[6], MACS[6])}
    # R98, R107: who stopped has neither filter nor address.
    assert MACS[4] not in lan.hosts["first"].run("bridge", "fdb", "show", "dev", "eth0").stdout
    assert "xvrrp" not in lan.hosts["first"].run("tc", "filter", "show", "dev", "eth0", "egress").stdout
    lan.routers["first"].start()
    lan.wait("first", "MASTER")
    assert lan.ping(TARGET[family])
    assert lan.neighbours(family) == MACS[family]


def learned(lan, family):
    return [line.split()[2] for line in lan.lan.switch.run("bridge", "fdb", "show", "br", BRIDGE).stdout.splitlines()
            if line.startswith(MACS[family])]
