# SPDX-License-Identifier: BSD-2-Clause
"""What a configuration says about addresses: compared with what keepalived installs, on the wire, and against others who
delete them."""

import json

import pytest

from checks import wait_until
from deaf import deaf
from lab.capture import now
from lab.namespaces import cable
from lab.packets import Advert, GratuitousArp, UnsolicitedNa
from lab.pinger import Pinger
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.run import Run
from lab.segment import INTERFACE, Segment, host
from marked import add_marked

MEMBERS = {"ours": 251, "other": 252}
SECOND = "qr1"
QUIET = "garp_master_delay 0\n    garp_master_repeat 1"


class Lan:
    """Two hosts; `ours` has a second interface that leads nowhere."""

    def __init__(self, run):
        self.segment = Segment(run, MEMBERS)
        self.capture = self.segment.capture()
        self.host = self.segment.hosts["ours"]
        self.nowhere = host(run, "nowhere")
        cable(self.host, SECOND, self.nowhere, "far")
        self.router = XvrrpRouter(run, self.host, "")
        self.keepalived = KeepalivedRouter(run, self.segment.hosts["other"], "")

    def start(self, text):
        self.router.configure(text)
        self.router.start()
        self.router.wait_state(10, "MASTER")

    def reload(self, text):
        self.router.configure(text)
        self.router.vrrpctl("reload")

    def present(self, interface=INTERFACE, of=None):
        return {address["shown"] for address in installed(of or self.host, interface)}

    def has(self, address, interface=INTERFACE):
        return address in self.present(interface)

    def announced(self, since):
        return {seen.address for kind in (GratuitousArp, UnsolicitedNa)
                for seen in self.capture.select(kind, since, port="ours")}

    def log(self, *words):
        return [line for line in self.router.log.read_text().splitlines() if all(word in line for word in words)]


@pytest.fixture
def lan(xvrrpd):
    with Run() as run:
        made = Lan(run)
        with made.capture:
            yield made


def installed(namespace, interface=INTERFACE):
    """As ip tells it, but for what time changes."""
    [link] = json.loads(namespace.run("ip", "-j", "-d", "addr", "show", "dev", interface).stdout)
    addresses = []
    for address in link["addr_info"]:
        address = {key: value for key, value in address.items() if key != "protocol"}
        address["shown"] = f"{address['local']}/{address['prefixlen']}"
        addresses.append(address)
    return addresses


def conf(addresses=("10.8.0.1/24",), excluded=(), before="", extra="", priority=255, interval="0.1"):
    def block(name, lines):
        return f"    {name} {{\n" + "".join(f"        {line}\n" for line in lines) + "    }\n" if lines else ""

    return (f"{before}vrrp_instance one {{\n    interface {INTERFACE}\n    virtual_router_id 1\n    version 3\n"
            f"    state {'MASTER' if priority == 255 else 'BACKUP'}\n    priority {priority}\n    advert_int {interval}\n"
            f"    {QUIET}\n    {extra}\n" + block("virtual_ipaddress", addresses) +
            block("virtual_ipaddress_excluded", excluded) + "}\n")


# ---- as keepalived ----

OPTIONS = {
    "plain": "10.9.0.1/24",
    "host": "10.9.0.1",
    "peer": "10.9.0.1 peer 10.9.1.1",
    "scope link": "10.9.0.1/24 scope link",
    "scope number": "10.9.0.1/24 scope 200",
    "brd": "10.9.0.1/24 brd +",
    "label": f"10.9.0.1/24 label {INTERFACE}:x",
    "noprefixroute": "10.9.0.1/24 noprefixroute",
    "autojoin": "239.1.1.1 autojoin",
    "no_track": "10.9.0.1/24 no_track",
    "home of IPv4": "10.9.0.1/24 home",
    "preferred_lft of IPv4": "10.9.0.1/24 preferred_lft 0",
    "IPv6": "2001:db8::1/64",
    "IPv6 host": "2001:db8::1",
    "IPv6 host preferred": "2001:db8::1 preferred_lft forever",
    "IPv6 deprecated": "2001:db8::1/64 preferred_lft 0",
    "IPv6 peer": "2001:db8::1 peer 2001:db8::2",
    "IPv6 home": "2001:db8::1/64 home",
    "IPv6 mngtmpaddr": "2001:db8::1/64 mngtmpaddr",
    "IPv6 noprefixroute": "2001:db8::1/64 noprefixroute",
    "IPv6 scope": "2001:db8::1/64 scope link",
    "IPv6 -nodad": "2001:db8::1/64 -nodad",
    "IPv6 link-local": "fe80::99",
}


@pytest.fixture(scope="module")
def both(xvrrpd):
    """Each option alone in an instance of its own interface, in xvrrpd and in keepalived."""
    with Run() as run:
        lan = Lan(run)
        shown = {}
        for router in (lan.router, lan.keepalived):
            text = ""
            for number, line in enumerate(OPTIONS.values(), 1):
                interface = f"t{number}"
                cable(router.namespace, interface, lan.nowhere, f"{router.name[:2]}{number}")
                text += (f"vrrp_instance t{number} {{\n interface {INTERFACE}\n virtual_router_id {number}\n state MASTER\n"
                         f" priority 255\n {QUIET}\n virtual_ipaddress {{\n  10.8.{number}.{1 if router is lan.router else 2}\n }}\n"
                         f" virtual_ipaddress_excluded {{\n  {line.replace(INTERFACE, interface)} dev {interface}\n }}\n}}\n")
            router.configure(text)
            router.launch()
            last = f"t{len(OPTIONS)}"
            wait_until(lambda: any("99" in address["local"] for address in installed(router.namespace, last)), 15,
                       f"addresses of {router.name}\n{router.log_tail()}")
            shown[router.name] = {option: installed(router.namespace, f"t{number}")
                                  for number, option in enumerate(OPTIONS, 1)}
            router.stop()
            if router is lan.router:
                left = {interface["ifname"]: [address["local"] for address in interface["addr_info"]] for interface in
                        json.loads(router.namespace.run("ip", "-j", "addr").stdout) if interface["ifname"].startswith("t")}
                shown["left"] = {name: addresses for name, addresses in left.items() if addresses}
    return shown


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_what_it_is_in_keepalived(both, option):
    assert both["ours"][option] == both["other"][option] != []


def test_nothing_of_it_is_left_at_the_end(both):
    assert both["left"] == {}


# ---- virtual_ipaddress_excluded ----


def test_excluded_addresses(lan):
    """As OpenStack writes it: one address that nobody needs, and what matters beside it."""
    since = now()
    lan.start(conf(("169.254.0.1/24",), (f"10.7.0.1/24 dev {SECOND} scope link no_track",
                                        f"fe80::7/64 dev {SECOND} scope link no_track", "10.8.0.9/32", "2001:db8::9/64")))
    wait_until(lambda: lan.announced(since) == {"169.254.0.1", "10.8.0.9", "2001:db8::9"}, what="announcements")
    for advert in lan.capture.wait(Advert, 10, since, 3, port="ours"):
        assert advert.addresses == ("169.254.0.1",)
    assert {"10.7.0.1/24", "fe80::7/64"} <= lan.present(SECOND)
    assert {"169.254.0.1/24", "10.8.0.9/32", "2001:db8::9/64"} <= lan.present()
    lan.router.stop()
    assert not lan.present(SECOND) & {"10.7.0.1/24", "fe80::7/64"}
    assert not lan.present() & {"169.254.0.1/24", "10.8.0.9/32", "2001:db8::9/64"}


def test_excluded_addresses_of_two_routers_may_differ(lan):
    """keepalived does not compare them either."""
    lan.start(conf(excluded=("10.8.0.9/32",), priority=200))
    lan.keepalived.configure(conf(excluded=("10.8.0.10/32",), priority=100))
    lan.keepalived.start()
    lan.keepalived.wait_state(10, "BACKUP")
    assert lan.router.counters(1)["address_list"] == 0
    lan.router.stop()
    lan.keepalived.wait_state(10, "MASTER")
    lan.router.start()
    lan.router.wait_state(10, "MASTER")
    lan.capture.wait(Advert, 10, now(), 3, port="ours")
    assert lan.router.counters(1)["address_list"] == 0


def test_excluded_addresses_are_reloaded(lan):
    lan.start(conf(excluded=("10.8.0.9/32",)))
    since = now()
    lan.reload(conf(excluded=("10.8.0.10/32",)))
    wait_until(lambda: lan.announced(since) == {"10.8.0.10"}, what="one announcement")
    assert lan.has("10.8.0.10/32") and not lan.has("10.8.0.9/32")
    # From one list to the other: the address stays as it is.
    since = now()
    lan.reload(conf(("10.8.0.1/24", "10.8.0.10/32")))
    wait_until(lambda: lan.capture.select(Advert, since, port="ours")[-1:] and
               lan.capture.select(Advert, since, port="ours")[-1].addresses == ("10.8.0.1", "10.8.0.10"))
    assert lan.announced(since) == set() and lan.has("10.8.0.10/32")


def test_more_than_an_advert_holds(lan):
    addresses = [f"10.6.{number // 200}.{number % 200 + 1}/32" for number in range(260)]
    since = now()
    lan.start(conf(addresses))
    advert = lan.capture.wait(Advert, 10, since, port="ours")[0]
    assert len(advert.addresses) == 255
    wait_until(lambda: {address.partition("/")[0] for address in addresses} == lan.announced(since), what="all announced")
    assert set(addresses) <= lan.present()


def test_more_than_the_mtu_holds(lan):
    lan.host.ip("link", "set", INTERFACE, "mtu", "600")
    since = now()
    lan.start(conf([f"10.6.0.{number}/32" for number in range(1, 201)]))
    # 20 of IP, 8 of VRRP and, in version 2, 8 of authentication.
    assert len(lan.capture.wait(Advert, 10, since, port="ours")[0].addresses) == (600 - 36) // 4
    assert lan.log("its MTU is 600")
    assert lan.has("10.6.0.200/32")


def test_an_address_elsewhere_goes_with_its_interface(lan):
    """keepalived tracks the interfaces of addresses, but for those with no_track."""
    def state():
        return lan.router.instance(1)["state"]

    for line, expected in ((f"10.7.0.1/24 dev {SECOND}", "FAULT"), (f"10.7.0.1/24 dev {SECOND} no_track", "MASTER")):
        lan.start(conf(excluded=(line,)))
        lan.nowhere.set_link("far", False)
        if expected == "FAULT":
            wait_until(lambda: state() == "FAULT", what="FAULT")
            assert SECOND in lan.router.instance(1)["problem"]
        else:
            lan.capture.wait(Advert, 10, now(), 5, port="ours")
        assert state() == expected
        lan.nowhere.set_link("far", True)
        wait_until(lambda: state() == "MASTER", what="MASTER")
        lan.router.stop()


def test_the_interface_of_an_address_with_no_track_may_go_and_come(lan):
    """A Master goes on; a reload gives it the new one."""
    def make():
        cable(lan.host, "qr2", lan.nowhere, "far2")

    text = conf(excluded=("10.7.0.1/24 dev qr2 no_track",))
    since = now()
    lan.start(text)  # without it
    make()
    lan.reload(text)
    assert lan.has("10.7.0.1/24", "qr2")
    lan.host.ip("link", "del", "qr2")
    lan.capture.wait(Advert, 10, now(), 5, port="ours")
    assert lan.router.state() == "MASTER"
    make()
    lan.reload(text)
    assert lan.has("10.7.0.1/24", "qr2")
    assert not lan.capture.select(Advert, since, port="ours", priority=0)
    # Without a reload it is taken up by the next Master.
    lan.router.stop()
    lan.router.configure(conf(excluded=("10.7.0.1/24 dev qr2 no_track",), priority=100))
    lan.keepalived.configure(conf(priority=200))
    lan.keepalived.start()
    lan.keepalived.wait_state(10, "MASTER")
    lan.router.start()
    lan.router.wait_state(10, "BACKUP")
    lan.host.ip("link", "del", "qr2")
    make()
    lan.keepalived.stop()
    lan.router.wait_state(10, "MASTER")
    wait_until(lambda: lan.has("10.7.0.1/24", "qr2"), what="the address")


# ---- static_ipaddress ----


def statics(*lines, head=""):
    return f"{head}static_ipaddress {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def test_static_addresses(lan):
    """Whatever the state of the router."""
    lan.host.ip("addr", "add", "10.5.0.77/24", "dev", SECOND)
    head = f"global_defs {{\n    default_interface {SECOND}\n}}\n"
    first = statics("10.5.0.1/24", f"2001:db8:5::1/64 dev {INTERFACE}", "10.5.0.77/24", head=head)
    lan.router.configure(conf(before=first, priority=100, interval=10))
    lan.router.start()
    assert lan.router.state() == "BACKUP"
    assert lan.has("10.5.0.1/24", SECOND) and lan.has("2001:db8:5::1/64")
    lan.reload(conf(before=statics("10.5.0.1/24", "10.5.0.2/24", head=head), priority=100, interval=10))
    assert {"10.5.0.1/24", "10.5.0.2/24"} <= lan.present(SECOND) and not lan.has("2001:db8:5::1/64")
    for deleted in ("10.5.0.2/24", "10.5.0.1/24"):
        lan.host.ip("addr", "del", deleted, "dev", SECOND)
        wait_until(lambda: {"10.5.0.1/24", "10.5.0.2/24"} <= lan.present(SECOND), what="what was deleted")
    assert lan.log("warning", "static address 10.5.0.1/24 on qr1 was deleted by another program")
    lan.router.stop()
    assert {address for address in lan.present(SECOND) if ":" not in address} == {"10.5.0.77/24"}


def test_static_addresses_outlast_a_handover_and_a_kill(lan):
    text = conf(before=statics(f"10.5.0.1/24 dev {SECOND}"))
    lan.start(text)
    monitor_of = f"ip -n {lan.host.name} -o monitor address"
    watcher = lan.router._run.spawn(monitor_of.split(), lan.router._run.directory / "monitor.log")
    pid = lan.router.pid()
    lan.router.vrrpctl("handover")
    wait_until(lambda: lan.log("taking over what an earlier xvrrpd"), what="a successor")
    lan.router.wait_state(10, "MASTER")
    assert lan.router.pid() == pid and lan.has("10.5.0.1/24", SECOND)
    lan.router.kill()
    lan.router.start()
    lan.router.wait_state(10, "MASTER")
    assert lan.has("10.5.0.1/24", SECOND)
    watcher.terminate()
    watcher.wait(5)
    assert "10.5.0.1" not in (lan.router._run.directory / "monitor.log").read_text()
    lan.router.stop()
    assert not lan.has("10.5.0.1/24", SECOND)


def test_a_static_address_waits_for_its_interface(lan):
    text = conf(before=statics("10.5.0.1/24 dev later", head="global_defs {\n    dynamic_interfaces\n}\n"))
    lan.start(text)
    lan.host.ip("link", "add", "later", "type", "veth", "peer", "name", "far2")
    lan.host.ip("link", "set", "later", "up")
    wait_until(lambda: lan.has("10.5.0.1/24", "later"), what="the address")
    lan.host.ip("link", "del", "later")
    lan.host.ip("link", "add", "later", "type", "veth", "peer", "name", "far2")
    wait_until(lambda: lan.has("10.5.0.1/24", "later"), what="the address again")


def test_a_static_address_without_its_interface_is_an_error(lan):
    lan.router.configure(conf(before=statics("10.5.0.1/24 dev later")))
    lan.router.launch()
    assert lan.router.wait_exit() == 1
    assert lan.log('there is no interface "later"')


# ---- promote_secondaries ----


def test_promote_secondaries(lan):
    def setting():
        return lan.host.run("sysctl", "-n", f"net.ipv4.conf.{INTERFACE}.promote_secondaries").stdout.strip()

    lan.host.sysctl(f"net.ipv4.conf.{INTERFACE}.promote_secondaries", 0)
    lan.start(conf(extra="promote_secondaries"))
    assert setting() == "1"
    lan.router.vrrpctl("handover")
    wait_until(lambda: lan.log("taking over what an earlier xvrrpd"), what="a successor")
    lan.router.wait_state(10, "MASTER")
    assert setting() == "1"
    lan.reload(conf())
    assert setting() == "0"
    lan.reload(conf(extra="promote_secondaries"))
    assert setting() == "1"
    lan.router.stop()
    assert setting() == "0"
    lan.host.sysctl(f"net.ipv4.conf.{INTERFACE}.promote_secondaries", 1)
    lan.start(conf(extra="promote_secondaries"))
    lan.router.stop()
    assert setting() == "1"


# ---- somebody else deletes an address ----


def test_a_deleted_address_comes_back(lan):
    """Announced again, and without a change of state."""
    lan.start(conf(("10.8.0.1/24", "10.8.0.2/24"), ("2001:db8::9/64", "10.8.0.10 peer 10.8.1.10")))
    before = lan.router.instance(1)["counters"]["became_master"]
    for address, plain in (("10.8.0.2/24", "10.8.0.2"), ("2001:db8::9/64", "2001:db8::9"), ("10.8.0.10/32", "10.8.0.10")):
        since = now()
        deleted = (plain, "peer", "10.8.1.10/32") if plain == "10.8.0.10" else (address,)
        lan.host.ip("addr", "del", *deleted, "dev", INTERFACE)
        wait_until(lambda: lan.has(address), what=address)
        wait_until(lambda: plain in lan.announced(since), what="an announcement")
        assert lan.announced(since) == {plain}
        assert len(lan.log("warning", address, "was deleted by another program")) == 1
    # The first of its subnet, with which the kernel deletes the others.
    lan.host.ip("addr", "del", "10.8.0.1/24", "dev", INTERFACE)
    wait_until(lambda: {"10.8.0.1/24", "10.8.0.2/24"} <= lan.present(), what="both")
    assert lan.router.instance(1)["counters"]["became_master"] == before
    assert lan.router.state() == "MASTER"
    assert not lan.capture.select(Advert, port="ours", priority=0)


def test_twenty_times_in_a_row(lan):
    """And whoever uses the address hardly notices: it is away for milliseconds."""
    lan.start(conf(("192.0.2.1/32",)))
    started = now()
    with Pinger(lan.segment.hosts["other"], "192.0.2.1", 0.01) as pinger:
        wait_until(lambda: pinger.is_answered(started, 10), what="answers")
        for _ in range(20):
            lan.host.ip("addr", "del", "192.0.2.1/32", "dev", INTERFACE)
            wait_until(lambda: lan.has("192.0.2.1/32"), what="the address")
            moment = now()
            wait_until(lambda: pinger.is_answered(moment, 2), what="answers")
        assert pinger.outage(started, now()).milliseconds < 500
    assert len(lan.log("warning", "192.0.2.1/32")) == 1
    assert lan.router.state() == "MASTER"


def test_a_fight_is_no_flood(lan):
    lan.start(conf())
    lan.host.run("sh", "-c", f"for i in $(seq 200); do ip addr del 10.8.0.1/24 dev {INTERFACE} 2>/dev/null; sleep 0.01; done")
    assert lan.log("10.8.0.1/24", "30 times within a minute", "once a second")
    wait_until(lambda: lan.has("10.8.0.1/24"), what="the address")
    assert len(lan.log("10.8.0.1/24")) == 2


def test_an_address_with_no_track_is_left_alone(lan):
    lan.start(conf(("10.8.0.1/24", "10.8.0.2/32 no_track", "10.8.0.3/32")))
    for address in ("10.8.0.2/32", "10.8.0.3/32"):
        lan.host.ip("addr", "del", address, "dev", INTERFACE)
    wait_until(lambda: lan.has("10.8.0.3/32"), what="the tracked one")
    assert not lan.has("10.8.0.2/32")
    assert not lan.log("10.8.0.2/32")


def test_a_backup_puts_nothing_back(lan):
    lan.start(conf(priority=100))
    lan.keepalived.configure(conf(priority=200))
    lan.keepalived.start()
    lan.router.wait_state(10, "BACKUP")
    assert not lan.has("10.8.0.1/24")
    assert not lan.log("was deleted by another program")


def test_what_a_backup_has_left_is_taken_away(lan):
    """As if the kernel had refused to remove it; and once more, after it was clean. The operator's addresses stay."""
    lan.start(conf(("10.8.0.1/24", "10.8.0.2/32"), ("2001:db8::9/64",), priority=100))
    lan.keepalived.configure(conf(("10.8.0.1/24", "10.8.0.2/32"), ("2001:db8::9/64",), priority=200))
    lan.keepalived.start()
    lan.router.wait_state(10, "BACKUP")
    wait_until(lambda: not lan.present() & {"10.8.0.1/24", "10.8.0.2/32", "2001:db8::9/64"}, what="its addresses gone")
    add_marked(lan.host, INTERFACE, "10.9.0.1/24")  # of another daemon
    for address in ("10.8.0.1/24", "2001:db8::9/64", "10.8.0.2/32"):
        add_marked(lan.host, INTERFACE, address)
        wait_until(lambda: not lan.has(address), 10, f"{address} gone")
        assert lan.log("warning", f"one: {address} on {INTERFACE} left, though it is not Master")
    said = lan.log("though it is not Master")
    lan.host.ip("addr", "add", "10.8.0.1/24", "dev", INTERFACE)
    add_marked(lan.host, INTERFACE, "10.8.0.2/32", 113)
    add_marked(lan.host, INTERFACE, "10.9.0.2/24")  # what makes it look
    lan.capture.wait(Advert, 10, now(), 40, port="other")
    assert {"10.8.0.1/24", "10.8.0.2/32", "10.9.0.1/24", "10.9.0.2/24"} <= lan.present()
    assert lan.log("though it is not Master") == said
    # A Master has them whoever put them there, and they go with it.
    lan.keepalived.stop()
    lan.router.wait_state(10, "MASTER")
    lan.capture.wait(Advert, 10, now(), 40, port="ours")
    assert {"10.8.0.1/24", "10.8.0.2/32", "2001:db8::9/64"} <= lan.present()
    assert lan.log("though it is not Master") == said


def test_a_deletion_that_nobody_heard_of(lan):
    """A stopped daemon's buffer overflows; the next look finds what is gone."""
    lan.start(conf(interval="1", extra="lease_ms 0"))
    with deaf(lan.router, SECOND):
        lan.host.ip("addr", "del", "10.8.0.1/24", "dev", INTERFACE)
    wait_until(lambda: lan.has("10.8.0.1/24"), 15, "the address")
    assert lan.log("announcements of interface changes were lost")
