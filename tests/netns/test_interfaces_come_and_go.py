# SPDX-License-Identifier: BSD-2-Clause
"""An interface is deleted, renamed, moved, made anew, or loses our programs while the daemon runs: that is a FAULT with its
reason, and no longer than it lasts."""

import json

import pytest

from checks import wait_until
from deaf import deaf
from lab.namespaces import cable, command
from lab.routers import XvrrpRouter
from lab.run import PINS
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRID, INTERVAL = 10, 0.1
TARGETS = {4: "192.0.2.1", 6: "2001:db8::1"}
MACS = {4: "00:00:5e:00:01:0a", 6: "00:00:5e:00:02:0a"}
PRIORITIES = {"one": 200, "two": 100}
NUMBERS = {"one": 251, "two": 252, "host": 9}


class Lan(Segment):
    """"one" is Master while it can; a host pings the virtual addresses."""

    def __init__(self, run, extra=(), first=""):
        super().__init__(run, NUMBERS)
        self.extra = extra
        for name in NUMBERS:
            self.address_of(name)
        self.routers = {name: XvrrpRouter(run, self.hosts[name], keepalived_conf(
            [VirtualRouter(VRID, ("192.0.2.1/24",), 3, 4, priority, INTERVAL, extra=extra),
             VirtualRouter(VRID, ("fe80::1/64", "2001:db8::1/64"), 3, 6, priority, INTERVAL, extra=extra)], first))
            for name, priority in PRIORITIES.items()}
        self.one, self.two = (self.routers[name] for name in PRIORITIES)

    def address_of(self, name):
        self.hosts[name].ip("addr", "add", f"2001:db8::{NUMBERS[name]:x}/64", "dev", INTERFACE, "nodad")

    def start(self):
        for router in (self.one, self.two):
            router.start()
        self.wait(one="MASTER", two="BACKUP")

    def wait(self, **states):
        for name, state in states.items():
            wait_until(lambda: set(self.routers[name].states().values()) == {state}, 10, f"{name} in {state}")

    def wait_fault(self, reason):
        self.wait(one="FAULT", two="MASTER")
        assert {self.one.instance(VRID, family)["reason"] for family in TARGETS} == {reason}

    def delete(self):
        """With it goes the other end, the switch's port."""
        self.hosts["one"].ip("link", "delete", INTERFACE)

    def make(self):
        host = self.hosts["one"]
        cable(host, INTERFACE, self.switch, "one")
        self.plug("one")
        self.dress()

    def dress(self):
        """Gives the interface what it loses when it goes down or is moved."""
        host = self.hosts["one"]
        host.ip("link", "set", INTERFACE, "up")
        for address in (f"{self.address('one')}/24", f"{self.address('one', 6)}/64", f"2001:db8::{NUMBERS['one']:x}/64"):
            host.ip("addr", "replace", address, "dev", INTERFACE, *(["nodad"] if ":" in address else []))

    def index(self, name=INTERFACE):
        [link] = json.loads(self.hosts["one"].ip("-j", "link", "show", "dev", name))
        return link["ifindex"]

    def assert_whole(self):
        """"one" is Master again, with one of everything, and reached by its (virtual) MAC."""
        self.wait(one="MASTER", two="BACKUP")
        pins = {path.name for path in (PINS / self.one.namespace.name).iterdir()}
        links = {f"link_{INTERFACE}"} | ({f"in_{INTERFACE}", f"tx_{INTERFACE}"} if self.extra else set())
        assert {pin for pin in pins if pin.partition("_")[0] in ("link", "in", "tx")} == links
        wait_until(lambda: {part["ifindex"] for part in self.maps("vr_config")} == {self.index()},
                   what="virtual routers of this interface only")
        assert {part["ifindex"] for part in self.maps("if_policy")} == {self.index()}
        assert {part["ifindex"] for part in self.maps("vip")} == {0, self.index()}
        host = self.hosts["host"]
        for family, target in TARGETS.items():
            wait_until(lambda: host.run("ping", "-c", "1", "-W", "1", target, check=False).returncode == 0, 10,
                       f"an answer of {target}")
            shown = host.ip(f"-{family}", "neighbour", "show", target)
            assert (MACS[family] if self.extra else self.mac("one")) in shown

    def maps(self, name):
        """The keys of a map of "one"."""
        dump = self.one.namespace.run("bpftool", "-j", "map", "dump", "pinned", str(PINS / self.one.namespace.name / name))
        return [entry["formatted"]["key"] for entry in json.loads(dump.stdout)]


@pytest.fixture(params=((), ("use_vmac",)), ids=("plain", "use_vmac"))
def lan(run, xvrrpd, request):
    made = Lan(run, request.param)
    made.start()
    return made


def program_of(namespace, interface):
    """Id of the XDP program on an interface; None: it carries none."""
    [link] = json.loads(command("ip", "-n", namespace, "-j", "link", "show", "dev", interface).stdout)
    return link.get("xdp", {}).get("prog", {}).get("id")


def test_deleted_and_made_anew(lan):
    first = lan.index()
    for _again in range(2):
        lan.delete()
        lan.wait_fault("interface-gone")
        lan.make()
        lan.assert_whole()
    assert lan.index() != first
    assert lan.one.stop() == 0


def test_replaced_at_once(lan):
    """One batch of the kernel's announcements may hold the end of the one and the beginning of the other."""
    lan.delete()
    lan.make()
    lan.assert_whole()


def test_replaced_by_one_of_the_same_number(lan):
    number = lan.index()
    host = lan.hosts["one"]
    lan.delete()
    host.ip("link", "add", "name", INTERFACE, "index", str(number), "type", "veth", "peer", "name", "one", "netns",
            lan.switch.name)
    host.run("ethtool", "-K", INTERFACE, "tx", "off")
    lan.switch.ip("link", "set", "one", "up")
    lan.plug("one")
    lan.dress()
    lan.assert_whole()


def test_renamed_and_back(lan):
    host = lan.hosts["one"]
    host.ip("link", "set", INTERFACE, "down")
    host.ip("link", "set", INTERFACE, "name", "other0")
    host.ip("link", "set", "other0", "up")
    lan.wait_fault("interface-gone")
    wait_until(lambda: program_of(host.name, "other0") is None, what="an interface without our program")
    assert not host.addresses("other0") or TARGETS[4] + "/24" not in host.addresses("other0")
    host.ip("link", "set", "other0", "down")
    host.ip("link", "set", "other0", "name", INTERFACE)
    lan.dress()
    lan.assert_whole()


def test_moved_and_back(lan):
    host, elsewhere = lan.hosts["one"], lan.hosts["host"]
    host.ip("link", "set", INTERFACE, "netns", elsewhere.name, "name", "guest0")
    lan.wait_fault("interface-gone")
    wait_until(lambda: program_of(elsewhere.name, "guest0") is None, what="an interface without our program")
    elsewhere.ip("link", "set", "guest0", "netns", host.name, "name", INTERFACE)
    lan.dress()
    lan.assert_whole()


def test_another_takes_the_name(lan):
    """The old one lives on under another name; what has its name now is the routers'."""
    host = lan.hosts["one"]
    host.ip("link", "set", INTERFACE, "down")
    host.ip("link", "set", INTERFACE, "name", "other0")
    lan.switch.ip("link", "set", "one", "name", "old")
    lan.make()
    lan.assert_whole()
    assert program_of(host.name, "other0") is None
    assert host.addresses("other0") == [f"{lan.address('one')}/24"]


def detach(router, pin):
    router.namespace.run("bpftool", "link", "detach", "pinned", str(PINS / router.namespace.name / pin))


def test_announcements_are_lost(lan):
    """What happened meanwhile is seen all the same: no state is for ever."""
    host = lan.hosts["one"]
    for change, undo, reason in (
            (("link", "set", INTERFACE, "down"), lan.dress, "interface-down"),
            (("link", "delete", INTERFACE), lan.make, "interface-gone"),
            (("-4", "addr", "flush", "dev", INTERFACE), lan.dress, None)):
        with deaf(lan.one, "lo"):
            host.ip(*change)
        wait_until(lambda: "FAULT" in lan.one.states().values(), 10, f"FAULT after {change}")
        assert reason is None or lan.one.instance(VRID)["reason"] == reason
        with deaf(lan.one, "lo"):
            undo()
        lan.assert_whole()
    assert lan.one.log_tail(1000).count("announcements of interface changes were lost") >= 6


def test_our_program_taken_off(lan):
    before = {family: lan.two.instance(VRID, family)["counters"]["became_master"] for family in TARGETS}
    detach(lan.one, f"link_{INTERFACE}")
    wait_until(lambda: program_of(lan.one.namespace.name, INTERFACE) is not None, what="our program on the interface")
    assert "attaching it again" in lan.one.log_tail()
    lan.assert_whole()
    assert {family: lan.two.instance(VRID, family)["counters"]["became_master"] for family in TARGETS} == before


def test_the_programs_for_virtual_macs_taken_off(run, xvrrpd):
    lan = Lan(run, ("use_vmac",))
    lan.start()
    for pin in (f"in_{INTERFACE}", f"tx_{INTERFACE}"):
        detach(lan.one, pin)
        wait_until(lambda: "took our TC programs off" in lan.one.log_tail(), what="a word in the log")
        lan.assert_whole()
        lan.one.log.write_text("")


def test_another_program_in_its_place(lan):
    """FAULT while it is there, with its name."""
    one = lan.one
    other = [str(one.binaries / "vrrpctl"), "--instance", f"{one.namespace.name}-other"]

    def takes_its_place():
        detach(one, f"link_{INTERFACE}")  # the daemon may be faster: it looks every second
        return one.namespace.run(*other, "load", INTERFACE, check=False).returncode == 0

    wait_until(takes_its_place, what="another program on the interface")
    try:
        lan.wait_fault("not-attached")
        problem = one.instance(VRID)["problem"]
        assert f'"{one.namespace.name}-other"' in problem and problem in one.log_tail(100)
        assert problem in one.vrrpctl("status").stdout
    finally:
        one.namespace.run(*other, "unload", INTERFACE)
    lan.assert_whole()


def test_an_interface_that_is_not_there_yet(run, xvrrpd):
    """keepalived's dynamic_interfaces: without it the start is refused."""
    lan = Lan(run)
    lan.delete()
    lan.two.start()
    with pytest.raises(Exception, match=f'there is no interface "{INTERFACE}"'):
        lan.one.start()
    lan.one.configure("global_defs {\n    dynamic_interfaces\n}\n" + lan.one.file.read_text())
    lan.one.start()
    lan.wait_fault("interface-gone")
    lan.make()
    lan.assert_whole()


def test_killed_while_the_interface_is_gone(lan):
    """What the daemon left is of an interface that is no more; its successor waits for the next one."""
    lan.one.configure("global_defs {\n    dynamic_interfaces\n}\n" + lan.one.file.read_text())
    lan.delete()
    lan.wait_fault("interface-gone")
    lan.one.kill()
    lan.one.start()
    lan.wait_fault("interface-gone")
    lan.make()
    lan.assert_whole()
