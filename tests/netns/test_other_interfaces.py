# SPDX-License-Identifier: BSD-2-Clause
"""Linux takes packets to an address on any interface. The fence and no_accept hold on those that do not have it, too.

    lan (eth0, the virtual address) --- router --- eth1 --- far

What `far` sees is judged: it asks for the virtual address by ARP, and sends echo requests to it.
"""

import contextlib
import json
import socket
import struct
from dataclasses import replace

import pytest

from checks import wait_until
from lab.namespaces import cable
from lab.packets import ETH_ARP, ETH_IPV4
from lab.routers import XvrrpRouter
from lab.run import PINS, remove_instance_files
from lab.segment import host
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRID, INTERVAL = 7, 0.1
TARGET = {4: "192.0.2.100", 6: "2001:db8::100"}
VIRTUAL = {4: (f"{TARGET[4]}/24",), 6: ("fe80::100/64", f"{TARGET[6]}/64")}
# Interface, router, far.
LEG = {4: ("198.51.100.1", "198.51.100.9", 24), 6: ("2001:db8:1::1", "2001:db8:1::9", 64)}
FAMILIES = pytest.mark.parametrize("family", (4, 6), ids=("ipv4", "ipv6"))
KINDS = pytest.mark.parametrize("kind", ("plain", "bridge", "macvlan", "vlan", "bond"))
QUESTIONS = 5
# Names of pins.
GUARDS = ("guard_", "filter_")
# Filters of one preference are of one protocol; ours is of all.
PREFERENCE = 0x7876


@pytest.fixture(params=("tcx", "clsact"))
def options(request):
    return ("--no-feature", "tcx") if request.param == "clsact" else ()


def add_link(namespace, *words):
    """As `ip link add`; skips the test where the kernel has no such devices."""
    made = namespace.run("ip", "link", "add", *words, check=False)
    if "Unknown device type" in made.stderr:
        pytest.skip(f"no {words[words.index('type') + 1]} in this kernel")
    assert made.returncode == 0, made.stderr


class House:
    """A router with a leg of its own to each host but one, which shares the virtual address's LAN."""

    def __init__(self, run, options=()):
        self._run = run
        self._options = options
        self.router = host(run, "router")
        self.lan = host(run, "lan")
        cable(self.router, "eth0", self.lan, "eth0")
        for namespace, number in ((self.router, 1), (self.lan, 9)):
            namespace.ip("addr", "add", f"192.0.2.{number}/24", "dev", "eth0")
            namespace.ip("addr", "add", f"2001:db8::{number}/64", "dev", "eth0", "nodad")
            namespace.ip("addr", "add", f"fe80::{number}/64", "dev", "eth0", "nodad")
        self.far = self.leg("far", "eth1")

    def daemon(self, family=4, extra=(), addresses=None, interface="eth0"):
        router = XvrrpRouter(self._run, self.router, keepalived_conf([VirtualRouter(
            VRID, addresses or VIRTUAL[family], 3, family, 200, INTERVAL, interface=interface, extra=extra)]))
        argv = router.argv
        router.argv = lambda: [*argv(), *self._options]
        router.start()
        router.wait_state(10, "MASTER")
        return router

    def leg(self, name, interface, kind="plain"):
        """Another interface of the router, of a kind, with a host behind it that routes everything through it."""
        far, router = host(self._run, name), self.router
        port, theirs = (interface, "eth0") if kind == "plain" else (f"p{interface}", "eth0")
        cable(router, port, far, theirs)
        if kind == "vlan":
            for namespace, below, above in ((router, port, interface), (far, "eth0", "eth0.5")):
                add_link(namespace, "link", below, "name", above, "type", "vlan", "id", "5")
            theirs = "eth0.5"
        elif kind == "macvlan":
            add_link(router, "link", port, "name", interface, "type", "macvlan", "mode", "bridge")
        elif kind == "bridge":
            router.bridge(interface, [port])
        elif kind == "bond":
            add_link(router, interface, "type", "bond", "mode", "active-backup")
            router.ip("link", "set", port, "down")
            router.ip("link", "set", port, "master", interface)
        for namespace, device, end in ((router, interface, 0), (far, theirs, 1)):
            namespace.ip("link", "set", device, "up")
            for ours in LEG.values():
                namespace.ip("addr", "add", f"{ours[end]}/{ours[2]}", "dev", device, *(("nodad",) if ":" in ours[end] else ()))
        far.ip("route", "add", "192.0.2.0/24", "via", LEG[4][0])
        far.ip("route", "add", "2001:db8::/64", "via", LEG[6][0])
        return Far(far, theirs)

    def guards(self):
        """The numbers of the interfaces that carry a guard, by the pins."""
        pins = PINS / self.router.name
        return {int(path.name.partition("_")[2]) for path in pins.glob("*") if path.name.startswith(GUARDS)}

    def index(self, interface):
        [link] = json.loads(self.router.ip("-j", "link", "show", "dev", interface))
        return link["ifindex"]


class Far:
    """A host behind one of the router's interfaces."""

    def __init__(self, namespace, interface):
        self.namespace, self.interface = namespace, interface

    def pings(self, target):
        """Whether an echo request is answered."""
        return self.namespace.run("ping", "-c", "1", "-W", "0.3", target, check=False).returncode == 0

    def who_has(self, target, tag=b""):
        """The MAC addresses that answer one ARP request in a moment; `tag` stands before the Ethertype."""
        def ask():
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_ARP)) as line:
                line.bind((self.interface, ETH_ARP))
                own = line.getsockname()[4]
                line.send(b"\xff" * 6 + own + tag + struct.pack("!HHHBBH", ETH_ARP, 1, ETH_IPV4, 6, 4, 1) + own +
                          socket.inet_aton(LEG[4][1]) + bytes(6) + socket.inet_aton(target))
                line.settimeout(0.2)
                answers = set()
                with contextlib.suppress(TimeoutError):
                    while True:
                        frame = line.recv(2048)
                        if frame[20:22] == b"\0\2" and frame[28:32] == socket.inet_aton(target):
                            answers.add(frame[22:28].hex(":"))
                return answers
        return self.namespace.inside(ask)


def assert_reached(far, family=4):
    """The kernel's own conduct: without a guard these tests would fail."""
    wait_until(lambda: far.pings(TARGET[family]), what="an answer of the virtual address")
    assert family == 6 or far.who_has(TARGET[4])


def assert_silent(far, family=4):
    """Once the fence is there, nothing is answered, but what is for the interface's own address."""
    wait_until(lambda: not far.pings(TARGET[family]), what="the fence")
    for _ in range(QUESTIONS):
        assert not far.pings(TARGET[family])
        assert family == 6 or not far.who_has(TARGET[4])
    assert far.pings(LEG[family][0])
    assert family == 6 or far.who_has(LEG[4][0])


@FAMILIES
@KINDS
def test_a_fenced_master(run, xvrrpd, kind, family):
    house = House(run)
    far = house.leg(kind, "eth2", kind) if kind != "plain" else house.far
    if kind != "plain":  # one host of these addresses
        house.router.ip("addr", "flush", "dev", "eth1")
    router = house.daemon(family)
    assert_reached(far, family)
    before = router.counters(VRID, family)
    router.kill()
    assert_silent(far, family)
    after = router.counters(VRID, family)
    assert after["fenced"] >= before.get("fenced", 0) + QUESTIONS
    assert family == 6 or after["fenced_neighbour"] >= before.get("fenced_neighbour", 0) + QUESTIONS


@FAMILIES
def test_killed_started_and_stopped(run, xvrrpd, options, family):
    house = House(run, options)
    router = house.daemon(family)
    assert_reached(house.far, family)
    assert house.guards() == {house.index("eth1")}
    router.kill()
    assert_silent(house.far, family)
    router.start()
    router.wait_state(10, "MASTER")
    assert_reached(house.far, family)
    assert house.guards() == {house.index("eth1")}
    router.kill()
    assert_silent(house.far, family)
    router.start()
    router.wait_state(10, "MASTER")
    router.stop()
    assert house.guards() == set()
    # Nobody guards what is the operator's now.
    house.router.ip("addr", "add", VIRTUAL[family][-1], "dev", "eth0", *(("nodad",) if family == 6 else ()))
    assert_reached(house.far, family)


def test_killed_and_unloaded(run, xvrrpd, options):
    house = House(run, options)
    router = house.daemon()
    router.kill()
    assert_silent(house.far)
    router.vrrpctl("unload", "eth0")
    house.router.ip("addr", "replace", VIRTUAL[4][0], "dev", "eth0")
    assert_reached(house.far)


def test_no_lease_no_guard(run, xvrrpd):
    """Where nothing can be refused nothing is looked at; a reload changes that."""
    house = House(run)
    router = house.daemon(extra=("lease_ms 0",))
    assert house.guards() == set()
    router.configure(router.file.read_text().replace("lease_ms 0", "no_accept"))
    router.vrrpctl("reload")
    assert house.guards() == {house.index("eth1")}
    router.configure(router.file.read_text().replace("no_accept", "lease_ms 0"))
    router.vrrpctl("reload")
    assert house.guards() == set()


@FAMILIES
def test_no_accept(run, xvrrpd, options, family):
    house = House(run, options)
    router = house.daemon(family, extra=("no_accept",))
    for _ in range(QUESTIONS):
        assert not house.far.pings(TARGET[family])
    assert house.far.pings(LEG[family][0])
    assert router.counters(VRID, family)["not_accepted"] == QUESTIONS
    assert family == 6 or house.far.who_has(TARGET[4]), "Accept_Mode does not concern ARP"


@FAMILIES
@pytest.mark.parametrize("device", ("dummy0", "eth2", "eth2.9"))
def test_an_address_on_another_interface(run, xvrrpd, device, family):
    """Of the same virtual router: on its own interface, too, what is for the other's address is refused."""
    house = House(run)
    if device == "dummy0":
        add_link(house.router, device, "type", "dummy")
    else:
        house.leg("other", "eth2")
        house.router.ip("addr", "flush", "dev", "eth2")
    if device == "eth2.9":
        add_link(house.router, "link", "eth2", "name", device, "type", "vlan", "id", "9")
    house.router.ip("link", "set", device, "up")
    address = {4: "203.0.113.100", 6: "2001:db8:2::100"}[family]
    excluded = f"virtual_ipaddress_excluded {{\n {address}/{32 if family == 4 else 128} dev {device}\n}}"
    lan = Far(house.lan, "eth0")
    lan.namespace.ip("route", "add", address, "via", "192.0.2.1" if family == 4 else "2001:db8::1")
    house.far.namespace.ip("route", "add", address, "via", LEG[family][0])
    router = house.daemon(family, extra=(excluded,))
    assert house.guards() >= {house.index("eth0"), house.index("eth1")}
    for asker in (lan, house.far):
        wait_until(lambda: asker.pings(address), what="an answer")
    router.kill()
    for asker in (lan, house.far):
        wait_until(lambda: not asker.pings(address), what="the fence")
        for _ in range(QUESTIONS):
            assert not asker.pings(address)


def test_priority_tags(run, xvrrpd):
    """The kernel takes what is tagged with VLAN 0 as if it were not."""
    house = House(run)
    router = house.daemon()
    tag = struct.pack("!HH", 0x8100, 0)
    wait_until(lambda: house.far.who_has(TARGET[4], tag), what="an answer")
    router.kill()
    assert_silent(house.far)
    assert not house.far.who_has(TARGET[4], tag)


def test_interfaces_come_and_go(run, xvrrpd, options):
    house = House(run, options)
    router = house.daemon(extra=("no_accept",))
    house.router.ip("addr", "flush", "dev", "eth1")
    other = house.leg("other", "eth2")
    number = house.index("eth2")
    wait_until(lambda: number in house.guards(), what="a guard on the new interface")
    assert not other.pings(TARGET[4])
    # Under another name it is the same interface.
    house.router.ip("link", "set", "eth2", "down")
    house.router.ip("link", "set", "eth2", "name", "eth3")
    house.router.ip("link", "delete", "eth1")
    wait_until(lambda: house.guards() == {number}, what="the guard of one interface")
    house.router.ip("link", "set", "eth3", "up")
    wait_until(lambda: other.pings(LEG[4][0]), what="the interface")
    assert not other.pings(TARGET[4])
    house.router.ip("link", "delete", "eth3")
    wait_until(lambda: house.guards() == set(), what="nothing")
    assert router.state() == "MASTER"


def test_somebody_takes_it_off(run, xvrrpd):
    house = House(run, ("--no-feature", "tcx"))
    router = house.daemon(extra=("no_accept",))
    house.router.run("tc", "qdisc", "del", "dev", "eth1", "clsact")
    wait_until(lambda: "attaching it again" in router.log.read_text(), what="a warning")
    assert not house.far.pings(TARGET[4])


def test_what_cannot_be_guarded(run, xvrrpd):
    """Is no fault of the router, but is told."""
    house = House(run, ("--no-feature", "tcx"))
    house.router.run("tc", "qdisc", "add", "dev", "eth1", "clsact")
    house.router.run("tc", "filter", "add", "dev", "eth1", "ingress", "pref", str(PREFERENCE), "protocol", "ip",
                     "bpf", "bytecode", "1,6 0 0 0,")
    router = house.daemon(extra=("no_accept",))
    assert list(router.status()["daemon"]["unguarded"]) == ["eth1"]
    assert router.log.read_text().count("neither fenced nor is no_accept heeded") == 1
    found = json.loads(router.vrrpctl("doctor", "--json", check=False).stdout)["findings"]
    assert [one["where"] for one in found if one["code"] == "unguarded"] == ["eth1"]
    house.router.run("tc", "filter", "del", "dev", "eth1", "ingress")
    wait_until(lambda: router.status()["daemon"]["unguarded"] == {}, what="a guard")
    assert not house.far.pings(TARGET[4])


def test_what_is_bridged_passes(run, xvrrpd):
    """A question for the address of another router, which has taken over, goes through this host's bridge."""
    house = House(run)
    house.router.ip("addr", "flush", "dev", "eth1")
    asker, new = host(run, "asker"), host(run, "new")
    for namespace, port, number in ((asker, "p1", 9), (new, "p2", 8)):
        cable(house.router, port, namespace, "eth0")
        namespace.ip("addr", "add", f"198.51.100.{number}/24", "dev", "eth0")
        namespace.ip("addr", "add", f"192.0.2.{number}/24", "dev", "eth0")
    house.router.bridge("br1", ["p1", "p2"])
    house.router.ip("addr", "add", f"{LEG[4][0]}/24", "dev", "br1")
    router = house.daemon()
    wait_until(lambda: {house.index(one) for one in ("br1", "p1", "p2")} <= house.guards(), what="guards")
    router.kill()
    asking = Far(asker, "eth0")
    wait_until(lambda: not asking.who_has(TARGET[4]), what="the fence")
    new.ip("addr", "add", f"{TARGET[4]}/24", "dev", "eth0")
    for _ in range(QUESTIONS):
        assert asking.who_has(TARGET[4]) == {new.mac("eth0")}
        assert asking.pings(TARGET[4])


def test_another_vrf(run, xvrrpd):
    """There the address may be somebody else's, and packets to it are on their way to that host."""
    house = House(run)
    house.router.ip("addr", "flush", "dev", "eth1")
    add_link(house.router, "red", "type", "vrf", "table", "10")
    house.router.ip("link", "set", "red", "up")
    far, theirs = house.leg("red", "eth2"), host(run, "theirs")
    cable(house.router, "eth3", theirs, "eth0")
    for interface in ("eth2", "eth3"):
        house.router.ip("link", "set", interface, "master", "red")
    house.router.ip("addr", "add", "192.0.2.1/24", "dev", "eth3")
    theirs.ip("addr", "add", f"{TARGET[4]}/24", "dev", "eth0")
    theirs.ip("route", "add", "default", "via", "192.0.2.1")
    house.router.sysctl("net.ipv4.ip_forward", 1)
    # As networking/vrf.rst has it: the VRF's tables before the local one.
    house.router.ip("rule", "add", "pref", "32765", "table", "local")
    house.router.ip("rule", "del", "pref", "0")
    router = house.daemon(extra=("no_accept",))
    assert house.index("eth2") in house.guards()
    wait_until(lambda: far.pings(TARGET[4]), what="an answer of the other host")
    assert router.counters(VRID).get("not_accepted", 0) == 0


def test_through_a_virtual_mac(run, xvrrpd, options):
    """A frame for a virtual MAC becomes the host's beside the guard, whichever of the two looks first."""
    house = House(run, options)
    gateway, other = VIRTUAL[4][0], "198.51.100.100"
    blocks = [VirtualRouter(VRID, (gateway,), 3, 4, 200, INTERVAL),
              VirtualRouter(8, (f"{other}/24",), 3, 4, 200, INTERVAL, interface="eth1", extra=("no_accept",))]
    router = house.daemon()
    router.configure(keepalived_conf(blocks))
    router.vrrpctl("reload")
    wait_until(lambda: f"{other}/24" in house.router.addresses("eth1"), what="the other address")
    router.configure(keepalived_conf([replace(blocks[0], extra=("use_vmac",)), blocks[1]]))
    router.vrrpctl("reload")
    wait_until(lambda: set(router.states().values()) == {"MASTER"}, what="Masters")
    lan = Far(house.lan, "eth0")
    lan.namespace.ip("route", "add", "198.51.100.0/24", "via", TARGET[4])
    wait_until(lambda: lan.pings(LEG[4][0]), what="an answer through the virtual MAC")
    assert lan.namespace.ip("neighbour", "show", TARGET[4]).split()[4] == f"00:00:5e:00:01:{VRID:02x}"
    for _ in range(QUESTIONS):
        assert not lan.pings(other)


def test_two_instances(run, xvrrpd, options):
    """Each guards its own address, on the other's interface as well; one that goes leaves the other's guards."""
    house = House(run, options)
    lan = Far(house.lan, "eth0")
    first = house.daemon(extra=("no_accept",))
    instance = f"{house.router.name}-2"
    second = XvrrpRouter(run, house.router, first.file.read_text())
    second.file = run.directory / "second.conf"
    second.configure(keepalived_conf([VirtualRouter(
        8, ("198.51.100.100/24",), 3, 4, 200, INTERVAL, interface="eth1", extra=("no_accept",))]))
    run.on_exit(remove_instance_files, instance)
    second.argv = lambda: [str(second.binaries / "xvrrpd"), "-n", "-f", str(second.file), "--instance", instance,
                           *house._options]
    lan.namespace.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.1")
    second.launch()
    wait_until(lambda: "198.51.100.100/24" in house.router.addresses("eth1"), 10, "the second Master")
    for _ in range(QUESTIONS):
        assert not house.far.pings(TARGET[4])
        assert not lan.pings("198.51.100.100")
    second.stop()
    assert not (PINS / instance).exists()
    assert not house.far.pings(TARGET[4])
    house.router.ip("addr", "add", "198.51.100.100/24", "dev", "eth1")
    wait_until(lambda: lan.pings("198.51.100.100"), what="an answer of the operator's address")
