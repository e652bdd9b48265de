# SPDX-License-Identifier: BSD-2-Clause
"""Virtual routers on VLAN devices: one XDP program on the trunk judges every VLAN by its own tags."""

import contextlib
import json

import pytest

from checks import wait_until
from lab.run import PINS
from lab.routers import KeepalivedRouter, RouterFailed, XvrrpRouter
from lab.segment import Segment
from lab.speaker import Message, Speaker
from lab.virtual_routers import VirtualRouter, keepalived_conf

TRUNK = "eth0"
VRID = 7


def _has_vlans(run):
    """Asked of a veth, for the loopback device refuses VLANs."""
    probe = run.namespace("probe")
    probe.ip("link", "add", "lower", "type", "veth", "peer", "name", "other")
    made = probe.run("ip", "link", "add", "link", "lower", "name", "upper", "type", "vlan", "id", "5", check=False)
    return made.returncode == 0


pytestmark = pytest.mark.seconds(180)


@pytest.fixture(autouse=True)
def vlans(run, xvrrpd, vrrpctl):
    del xvrrpd, vrrpctl
    if not _has_vlans(run):
        pytest.skip("no 8021q in this kernel")


def add_vlan(host, lower, name, number, protocol="802.1q", address=None):
    host.ip("link", "add", "link", lower, "name", name, "type", "vlan", "protocol", protocol, "id", str(number))
    if address:
        host.ip("addr", "add", address, "dev", name)
    host.ip("link", "set", name, "up")


def router(interface, number, priority, vrid=VRID):
    return VirtualRouter(vrid, (f"10.{number}.0.1/24",), priority=priority, interval=1.0, interface=interface)


class Trunk:
    """Two routers; on each a device for VLAN 10 and one for VLAN 20."""

    def __init__(self, run):
        self.run = run
        self.segment = Segment(run, {"one": 251, "two": 252})
        self.hosts = self.segment.hosts
        for last, host in enumerate(self.hosts.values(), 251):
            for number in (10, 20):
                add_vlan(host, TRUNK, f"{TRUNK}.{number}", number, address=f"10.{number}.0.{last}/24")

    def daemon(self, name, priorities):
        """`priorities` by VLAN."""
        return XvrrpRouter(self.run, self.hosts[name], keepalived_conf(
            [router(f"{TRUNK}.{number}", number, priority) for number, priority in priorities.items()]))


def instance(daemon, interface):
    found = [part for part in (daemon.status() or {}).get("instances", []) if part["interface"] == interface]
    return found[0] if found else None


def wait_states(daemon, **wanted):
    wanted = {f"{TRUNK}.{name[1:]}": state for name, state in wanted.items()}

    def all_there():
        return all((instance(daemon, name) or {}).get("state") == state for name, state in wanted.items())
    wait_until(all_there, 60, f"{wanted} of {daemon.name}")


@pytest.fixture
def trunk(run):
    return Trunk(run)


def test_each_vlan_elects_its_own_master(trunk):
    """The same VRID on two VLANs of one trunk: each has its Master, and only its own is taken over."""
    one, two = trunk.daemon("one", {10: 200, 20: 100}), trunk.daemon("two", {10: 100, 20: 200})
    one.start(30)
    two.start(30)
    wait_states(one, v10="MASTER", v20="BACKUP")
    wait_states(two, v10="BACKUP", v20="MASTER")
    for number in (10, 20):
        xdp = instance(one, f"{TRUNK}.{number}")["xdp"]
        assert (xdp["device"], xdp["vlan"], xdp["inner_vlan"], xdp["fallback"]) == (TRUNK, number, 0, "")
    assert f"on {TRUNK} vlan 10" in one.vrrpctl("status").stdout
    daemon_counts = {part["interface"]: part["daemon"] for part in one.stats()["virtual_routers"]}
    assert daemon_counts[f"{TRUNK}.10"]["became_master"] == 1 and daemon_counts[f"{TRUNK}.20"] is not None
    assert f"{TRUNK}.10: VRID {VRID}, IPv4" in one.vrrpctl("stats").stdout

    trunk.hosts["one"].ip("link", "set", f"{TRUNK}.10", "down")
    wait_states(two, v10="MASTER", v20="MASTER")
    assert instance(one, f"{TRUNK}.20")["state"] == "BACKUP"
    trunk.hosts["one"].ip("link", "set", f"{TRUNK}.10", "up")
    wait_states(two, v10="BACKUP", v20="MASTER")
    one.kill()
    wait_states(two, v10="MASTER", v20="MASTER")


def test_a_frame_of_another_vlan_moves_nothing(trunk):
    """A better Master of that VRID in VLAN 20, in no VLAN, and in VLAN 10 at last."""
    one = trunk.daemon("one", {10: 100})
    one.start(30)
    wait_states(one, v10="MASTER")
    better = Message(VRID, ("10.10.0.1",), "10.10.0.252")
    with contextlib.ExitStack() as speakers:
        foreign = [speakers.enter_context(Speaker(trunk.hosts["two"], name)) for name in (f"{TRUNK}.20", TRUNK)]
        ours = speakers.enter_context(Speaker(trunk.hosts["two"], f"{TRUNK}.10"))
        for speaker in foreign:
            speaker.say(better, copies=20)
        # One cable, one order: what came before the untagged frames was judged before them.
        wait_until(lambda: one.stats()["interfaces"][0]["counters"]["observed"] >= 20, 30, "the untagged adverts")
        assert instance(one, f"{TRUNK}.10")["state"] == "MASTER"
        assert one.counters(VRID)["master_heard"] == 0
        with ours.repeating(better, 0.5):
            wait_states(one, v10="BACKUP")


@pytest.mark.parametrize("outer", ["802.1q", "802.1ad"])
def test_qinq(trunk, outer):
    for last, host in enumerate(trunk.hosts.values(), 251):
        if outer == "802.1ad":  # as the lab does with 802.1Q
            host.run("ethtool", "-K", TRUNK, "rx-vlan-stag-hw-parse", "off", "tx-vlan-stag-hw-insert", "off")
        add_vlan(host, TRUNK, "outer", 7, outer)
        add_vlan(host, "outer", "inner", 42, address=f"10.42.0.{last}/24")
    daemons = [XvrrpRouter(trunk.run, host, keepalived_conf([router("inner", 42, priority)]))
               for host, priority in zip(trunk.hosts.values(), (200, 100))]
    for daemon in daemons:
        daemon.start(30)
    wait_until(lambda: [daemon.state() for daemon in daemons] == ["MASTER", "BACKUP"], 60, "a Master and a Backup")
    xdp = instance(daemons[1], "inner")["xdp"]
    assert (xdp["device"], xdp["vlan"], xdp["inner_vlan"]) == (TRUNK, 7, 42)
    counted, = daemons[1].stats()["virtual_routers"]
    assert (counted["interface"], counted["vlan"], counted["inner_vlan"]) == ("inner", 7, 42)
    daemons[0].kill()
    daemons[1].wait_state(60, "MASTER")


def test_a_device_that_strips_tags(trunk):
    """XDP goes to the VLAN device, and says why; native mode is refused with that sentence."""
    trunk.hosts["one"].run("ethtool", "-K", TRUNK, "rxvlan", "on")
    one, two = trunk.daemon("one", {10: 100}), trunk.daemon("two", {10: 200})
    one.start(30)
    two.start(30)
    wait_states(one, v10="BACKUP")
    wait_states(two, v10="MASTER")
    xdp = instance(one, f"{TRUNK}.10")["xdp"]
    assert (xdp["mode"], xdp["device"], xdp["vlan"]) == ("skb", f"{TRUNK}.10", 0)
    sentence = f"ethtool -K {TRUNK} rxvlan off would let it run on {TRUNK}"
    assert sentence in xdp["fallback"] and sentence in one.log_tail(200)
    two.kill()
    wait_states(one, v10="MASTER")
    assert one.stop(30) == 0

    one.argv = lambda argv=one.argv(): [*argv, "--mode", "native"]
    with pytest.raises(RouterFailed, match="native XDP is not possible"):
        one.start(30)
    assert sentence in one.log_tail()


def test_keepalived_as_the_master(trunk):
    keepalived = KeepalivedRouter(trunk.run, trunk.hosts["two"], keepalived_conf([router(f"{TRUNK}.10", 10, 200)]))
    one = trunk.daemon("one", {10: 100})
    keepalived.start(30)
    keepalived.wait_state(60, "MASTER")
    one.start(30)
    wait_until(lambda: one.counters(VRID)["backup_restart"] >= 2, 60, "adverts of keepalived")
    assert instance(one, f"{TRUNK}.10")["state"] == "BACKUP"
    keepalived.kill()
    wait_states(one, v10="MASTER")


# ---- vrrpctl without a daemon ----


class Hand:
    """vrrpctl on a host, with an instance of its own."""

    def __init__(self, host, vrrpctl):
        self.host, self.program = host, vrrpctl
        self.pins = PINS / host.name

    def __call__(self, *words, **options):
        return self.host.run(self.program, "--instance", self.host.name, *words, **options)

    def refused(self, code, *words):
        done = self(*words, check=False)
        assert done.returncode == code, done
        return done.stderr

    def counted(self):
        """What is not zero, by interface: of no virtual router, and of virtual routers over IPv4."""
        stats = json.loads(self("stats", "--json").stdout)
        return [{part["interface"]: {name: count for name, count in part["counters"].items() if count}
                 for part in stats[kind] if part.get("family") != "ipv6"} for kind in ("interfaces", "virtual_routers")]

    def heard(self, interface):
        answer = json.loads(self("watch", interface, "--count", "1", "--json").stdout)
        return [(part["interface"], part["vrid"]) for part in answer["virtual_routers"]]


@pytest.fixture
def hand(trunk, vrrpctl):
    return Hand(trunk.hosts["one"], vrrpctl)


def say(trunk, number, vrid, copies):
    with Speaker(trunk.hosts["two"], f"{TRUNK}.{number}") as speaker:
        speaker.say(Message(vrid, (f"10.{number}.0.1",), f"10.{number}.0.252"), copies=copies)


def test_load_by_vlan(trunk, hand):
    """One program on the trunk; each VLAN has its own policy, counters, and end."""
    said = hand("load", f"{TRUNK}.10", "--vrid", "7").stdout
    assert said == f"{TRUNK}.10: shielding VRID 7; XDP mode native on {TRUNK} vlan 10; pinned in {hand.pins}\n"
    assert f"observing, nothing is filtered; XDP mode native on {TRUNK} vlan 20;" in hand("load", f"{TRUNK}.20").stdout
    refusal = hand.refused(6, "load", f"{TRUNK}.10")
    assert f"already loaded on {TRUNK}.10" in refusal and f"unload {TRUNK}.10" in refusal
    assert f"on {TRUNK} in native mode already" in hand.refused(6, "load", TRUNK, "--mode", "skb")

    say(trunk, 10, vrid=7, copies=3)
    say(trunk, 10, vrid=8, copies=4)
    say(trunk, 20, vrid=8, copies=5)
    seen = [{f"{TRUNK}.10": {"unknown_vrid": 4}, f"{TRUNK}.20": {"observed": 5}}, {f"{TRUNK}.10": {"observed": 3}}]
    wait_until(lambda: hand.counted() == seen, 30, f"{seen}")
    assert hand.heard(f"{TRUNK}.10") == [(f"{TRUNK}.10", 7), (f"{TRUNK}.10", 8)]
    assert hand.heard(f"{TRUNK}.20") == [(f"{TRUNK}.20", 8)]
    assert hand.heard(TRUNK) == [(f"{TRUNK}.10", 7), (f"{TRUNK}.10", 8), (f"{TRUNK}.20", 8)]
    assert f"8 on {TRUNK}.20 " in hand("watch", TRUNK, "--count", "1").stdout
    elsewhere = trunk.hosts["two"].run(hand.program, "--instance", hand.host.name, "stats").stdout
    assert f"{TRUNK} vlan 10: VRID 7, IPv4" in elsewhere, "the VLAN devices of another namespace are not to be seen"

    assert hand("unload", f"{TRUNK}.10").stdout == f"{TRUNK}.10: unloaded\n"
    say(trunk, 10, vrid=8, copies=1)
    say(trunk, 20, vrid=8, copies=1)
    wait_until(lambda: hand.counted() == [{f"{TRUNK}.20": {"observed": 6}}, {}], 30, "an advert of VLAN 20")
    assert f"nothing is loaded on {TRUNK}.10" in hand.refused(3, "watch", f"{TRUNK}.10", "--count", "1")
    assert f"nothing is loaded on {TRUNK}.10" in hand.refused(3, "unload", f"{TRUNK}.10")
    assert f"{TRUNK}: observing" in hand("load", TRUNK).stdout, "beside its VLAN"
    hand("unload", f"{TRUNK}.20")
    assert set(hand.counted()[0]) == {TRUNK}
    hand("unload", TRUNK)
    assert not hand.pins.exists()


def test_capture_by_vlan(trunk, hand):
    """What arrives with the VLAN's tag, and what leaves with it."""
    hand("load", f"{TRUNK}.10")
    messages = {number: Message(VRID, (f"10.{number}.0.1",), f"10.{number}.0.252") for number in (10, 20)}
    with contextlib.ExitStack() as speaking:
        for host in trunk.hosts.values():
            for number, message in messages.items():
                speaker = speaking.enter_context(Speaker(host, f"{TRUNK}.{number}"))
                speaking.enter_context(speaker.repeating(message, 0.2))
        lines = hand("capture", f"{TRUNK}.10", "--lines", "-c", "20").stdout.splitlines()
        trunk_lines = hand("capture", TRUNK, "--lines", "-c", "20").stdout
    assert all(f"10.10.0.252 vlan 10 VRID {VRID}" in line for line in lines)
    assert {line.rpartition("v3 ")[2].split()[0] for line in lines} == {"sent", "PASS"}
    assert " vlan 10 " in trunk_lines and " vlan 20 " in trunk_lines


def test_load_where_tags_are_not_to_be_seen(trunk, hand):
    host, vlan = hand.host, f"{TRUNK}.10"
    host.run("ethtool", "-K", TRUNK, "rxvlan", "on")
    host.ip("link", "add", "br0", "type", "bridge")
    host.ip("link", "set", "br0", "up")
    add_vlan(host, "br0", "br0.5", 5)
    why = {vlan: f"{TRUNK} takes VLAN tags off before XDP sees them, so XDP runs on {vlan}; "
                 f"ethtool -K {TRUNK} rxvlan off would let it run on {TRUNK}",
           "br0.5": "br0 (bridge) hands frames on without their VLAN tag, so XDP runs on br0.5"}
    for interface, sentence in why.items():
        assert f"{interface}: native XDP is not possible: {sentence}" in \
            hand.refused(5, "load", interface, "--mode", "native")
        assert f"XDP mode skb (native was refused: {sentence});" in hand("load", interface).stdout
    say(trunk, 10, vrid=8, copies=2)
    wait_until(lambda: hand.heard(vlan) == [(vlan, 8)], 30, "an advert of VLAN 10")
    assert hand.counted()[0] == {vlan: {"observed": 2}, "br0.5": {}}
    for interface in why:
        hand("unload", interface)
    assert not hand.pins.exists()
