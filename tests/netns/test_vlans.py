# SPDX-License-Identifier: BSD-2-Clause
"""Virtual routers on VLAN devices: one XDP program on the trunk judges every VLAN by its own tags."""

import contextlib

import pytest

from checks import wait_until
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
        add_vlan(host, TRUNK, "outer", 7, outer)
        add_vlan(host, "outer", "inner", 42, address=f"10.42.0.{last}/24")
    daemons = [XvrrpRouter(trunk.run, host, keepalived_conf([router("inner", 42, priority)]))
               for host, priority in zip(trunk.hosts.values(), (200, 100))]
    for daemon in daemons:
        daemon.start(30)
    wait_until(lambda: [daemon.state() for daemon in daemons] == ["MASTER", "BACKUP"], 60, "a Master and a Backup")
    xdp = instance(daemons[1], "inner")["xdp"]
    assert (xdp["device"], xdp["vlan"], xdp["inner_vlan"]) == (TRUNK, 7, 42)
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
