# SPDX-License-Identifier: BSD-2-Clause
"""Router advertisements as docs/router-advertisements.md has them: radvd on both routers (R111 to R113)."""

import re

import pytest
from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6ND_RS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Ether

from checks import wait_until
from conftest import REPOSITORY
from lab.capture import now
from lab.run import Run
from vmac_lan import FAR, LINK_LOCAL, MACS, PRIORITIES, Lan, sum_is_right

DOCUMENT = REPOSITORY / "docs/router-advertisements.md"


def configuration():
    """The document's, but often enough for a test."""
    [text] = re.findall(r"^    interface eth0 \{.*?^    \};", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    head, rest = text.split("\n", 1)
    return f"{head}\nMinRtrAdvInterval 3;\nMaxRtrAdvInterval 4;\n{rest}\n"


class Radvd:
    def __init__(self, run, namespace):
        self._file = run.directory / f"{namespace.name}.radvd"
        self._file.write_text(configuration())
        self._process = run.spawn(namespace.enter("radvd", "--nodaemon", "--logmethod", "stderr", "--config", str(self._file),
                                                  "--pidfile", f"{self._file}.pid"), f"{self._file}.log")

    def stop(self):
        self._process.terminate()
        assert self._process.wait(10) == 0


@pytest.fixture
def lan():
    with Run() as run, Lan(run) as made:
        # It learns its router from the advertisements alone.
        host = made.hosts["host"]
        host.ip("-6", "route", "del", "2001:db8:1::/64")
        host.sysctl("net.ipv6.conf.eth0.accept_ra", 1)
        made.radvd = {name: Radvd(run, made.hosts[name]) for name in PRIORITIES}
        yield made


def advertisements(lan, since, port=None):
    return lan.frames(since, port, ICMPv6ND_RA)


def told(frame):
    packet = frame.packet
    return frame.mac, packet[ICMPv6NDOptSrcLLAddr].lladdr, packet[IPv6].src, packet[IPv6].hlim, sum_is_right(packet)


def is_routed(lan):
    """The host has a default route by the virtual router, and reaches what lies beyond."""
    host = lan.hosts["host"]
    return (f"default via {LINK_LOCAL}" in host.ip("-6", "route", "show", "default") and lan.ping(FAR[6], 1)
            and MACS[6] in host.ip("neigh", "show", LINK_LOCAL, "dev", "eth0"))


@pytest.mark.seconds(120)
def test_radvd_follows_the_master(lan):
    since = now()
    wait_until(lambda: len(advertisements(lan, since, "first")) > 1, 20, "advertisements of the Master")
    wait_until(lambda: is_routed(lan), 10, "a route")

    asked = now()
    host, source = lan.lan.mac("host"), lan.lan.address("host", 6)
    lan.say(Ether(dst="33:33:00:00:00:02", src=host) / IPv6(src=source, dst="ff02::2", hlim=255)
            / ICMPv6ND_RS() / ICMPv6NDOptSrcLLAddr(lladdr=host))
    wait_until(lambda: [frame for frame in advertisements(lan, asked) if frame.packet[IPv6].dst == source], 10,
               "an answer to the solicitation")
    assert advertisements(lan, since, "second") == [], "the Backup advertised"

    lan.routers["first"].stop()
    lan.radvd["first"].stop()
    resigned = now()
    lan.wait("second", "MASTER")
    wait_until(lambda: advertisements(lan, resigned, "second"), 20, "advertisements of the new Master")
    assert is_routed(lan)
    assert advertisements(lan, resigned, "first") == []
    everything = advertisements(lan, since)
    assert {told(frame) for frame in everything} == {(MACS[6], MACS[6], LINK_LOCAL, 255, True)}
    assert 0 not in {frame.packet[ICMPv6ND_RA].routerlifetime for frame in everything}
