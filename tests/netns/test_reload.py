# SPDX-License-Identifier: BSD-2-Clause
"""Another configuration while the routers run: what is the same goes on untouched, the rest changes without a gap (R133)."""

import json
from dataclasses import replace

import pytest

from checks import nft_rules, wait_until
from lab.capture import now
from lab.mastership import Mastership
from lab.packets import Advert, GratuitousArp, UnsolicitedNa
from lab.routers import XvrrpRouter
from lab.run import Run
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MEMBERS = {"one": 251, "two": 252}
PRIORITIES = {"one": 200, "two": 100}
INTERVAL = 0.1
QUIET = ("garp_master_delay 0", "garp_master_repeat 1")  # no announcements but the first
FOUR = VirtualRouter(1, ("10.8.0.1/32", "10.8.0.2/32"), interval=INTERVAL, extra=QUIET)
SIX = VirtualRouter(1, ("fe80::a/64", "2001:db8::a/64"), family=6, interval=INTERVAL, extra=QUIET)
OTHER = VirtualRouter(2, ("10.8.0.20/32",), interval=INTERVAL, extra=QUIET)
ALL = (FOUR, SIX, OTHER)


class Pair:
    def __init__(self, run):
        self.run = run
        self.segment = Segment(run, MEMBERS)
        self.capture = self.segment.capture()
        self.mastership = Mastership(self.capture)
        self.routers = {name: XvrrpRouter(run, self.segment.hosts[name], "") for name in MEMBERS}
        self.one, self.two = self.routers.values()
        self.was = {name: () for name in MEMBERS}

    def write(self, name, *routers, first=""):
        self.was[name] = routers
        self.routers[name].configure(keepalived_conf([
            replace(router, priority=PRIORITIES[name] if router.priority == 100 else router.priority)
            for router in routers], first))

    def begin(self, *routers):
        for name, router in self.routers.items():
            self.write(name, *routers)
            router.start()
        self.settle(*routers)

    def settle(self, *routers, master="one"):
        expected = {(router.vrid, router.family): master for router in routers}
        assert self.mastership.wait(expected, 20, count=3) == {}

    def reload(self, name, *routers, first=""):
        """Returns when it began and what vrrpctl said."""
        self.write(name, *routers, first=first)
        since = now()
        answer = json.loads(self.routers[name].vrrpctl("reload", "--json").stdout)["reload"]
        return since, answer

    def announced(self, since):
        """Addresses, by whoever announced them since."""
        return {(seen.port, seen.address) for kind in (GratuitousArp, UnsolicitedNa)
                for seen in self.capture.select(kind, since)}

    def addresses(self, name):
        return {address for address in self.segment.hosts[name].addresses(INTERFACE)}

    def transitions(self):
        return {name: [(part["vrid"], part["family"], part["counters"]["became_master"], part["state"])
                       for part in router.status()["instances"]] for name, router in self.routers.items()}


@pytest.fixture
def pair(xvrrpd):
    with Run() as run:
        made = Pair(run)
        with made.capture:
            yield made


def assert_no_gap(adverts, interval=INTERVAL):
    """No advert is missing. (How late one may be is for the benchmarks.)"""
    gaps = [(after.time - before.time) / 1e9 for before, after in zip(adverts, adverts[1:])]
    assert max(gaps) < 2 * interval, gaps
    assert {advert.port for advert in adverts} == {"one"}


def test_the_same_again_changes_nothing(pair):
    pair.begin(*ALL)
    wait_until(lambda: pair.two.state() == "BACKUP")
    before, since = pair.transitions(), now()
    for name in MEMBERS:
        began, answer = pair.reload(name, *ALL, first="! another comment\n\n")
        assert answer == {"added": [], "removed": [], "changed": [], "restarted": [], "unchanged": 3,
                          "text": "3 unchanged"}
    pair.capture.wait(Advert, 10, now(), 3, vrid=2, family=4)
    for router in ALL:
        assert_no_gap(pair.capture.select(Advert, since, vrid=router.vrid, family=router.family))
    assert pair.announced(since) == set()
    assert pair.transitions() == before


def test_addresses_come_and_go(pair):
    """Only those: the others are neither taken away nor announced again, nor does an advert fail to come."""
    pair.begin(*ALL)
    new_four = replace(FOUR, addresses=("10.8.0.1/32", "10.8.0.3/32"))
    new_six = replace(SIX, addresses=("fe80::a/64", "2001:db8::b/64"))
    before = pair.transitions()
    began, _answer = pair.reload("two", new_four, new_six, OTHER)
    since, answer = pair.reload("one", new_four, new_six, OTHER)
    assert answer["changed"] == [FOUR.name, SIX.name] and answer["unchanged"] == 1
    wait_until(lambda: pair.announced(since) == {("one", "10.8.0.3"), ("one", "2001:db8::b")}, what="announcements")
    shown = pair.addresses("one")
    assert {"10.8.0.1/32", "10.8.0.3/32", "10.8.0.20/32"} < shown and "10.8.0.2/32" not in shown
    six = pair.segment.hosts["one"].run("ip", "-6", "addr", "show", "dev", INTERFACE).stdout
    assert "2001:db8::b/64" in six and "2001:db8::a/64" not in six
    after = pair.capture.wait(Advert, 10, now(), 3, vrid=1, family=4)
    assert after[-1].addresses == ("10.8.0.1", "10.8.0.3")
    for router in ALL:
        assert_no_gap(pair.capture.select(Advert, began, vrid=router.vrid, family=router.family))
    assert pair.transitions() == before
    assert pair.one.counters(1).get("fenced", 0) == 0


def test_a_new_priority_counts_at_once(pair):
    """R133: in the next advert; the other preempts, for that is what it means."""
    pair.begin(FOUR, OTHER)
    since, answer = pair.reload("one", replace(FOUR, priority=50), OTHER)
    assert answer["changed"] == [FOUR.name]
    first = next(advert for advert in pair.capture.wait(Advert, 10, since, 3, port="one", vrid=1)
                 if advert.priority != 200)
    assert first.priority == 50
    pair.settle(FOUR, master="two")
    pair.settle(OTHER)
    assert pair.one.instance(1)["reason"] == "higher-priority"
    since, answer = pair.reload("one", replace(FOUR, priority=150), OTHER)  # of a Backup
    pair.settle(FOUR, OTHER)
    assert pair.one.instance(1)["reason"] == "preempted"


def test_a_new_interval(pair):
    pair.begin(FOUR, OTHER)
    slow = replace(FOUR, interval=0.5)
    pair.reload("two", slow, OTHER)
    since, _answer = pair.reload("one", slow, OTHER)
    wait_until(lambda: pair.two.instance(1)["timers"]["master_adver_interval_ms"] == 500)
    adverts = [advert for advert in pair.capture.wait(Advert, 10, since, 6, vrid=1) if advert.interval == 0.5]
    gaps = [(b.time - a.time) / 1e9 for a, b in zip(adverts, adverts[1:])]
    assert min(gaps) > 0.4, gaps
    assert {advert.port for advert in pair.capture.select(Advert, since, vrid=1)} == {"one"}


def test_routers_come_and_go(pair):
    pair.begin(FOUR, OTHER)
    since, answer = pair.reload("one", FOUR, SIX)
    assert (answer["added"], answer["removed"], answer["unchanged"]) == ([SIX.name], [OTHER.name], 1)
    pair.settle(SIX)
    pair.settle(OTHER, master="two")
    assert_no_gap(pair.capture.select(Advert, since, vrid=1, family=4))
    assert pair.capture.select(Advert, since, port="one", vrid=2, priority=0)
    wait_until(lambda: (2, 4) not in pair.one.states(), what="an end of the removed router")
    assert "10.8.0.20/32" not in pair.addresses("one")
    assert all(part["vrid"] == 1 for part in pair.one.stats()["virtual_routers"])
    pair.reload("one", FOUR, SIX, OTHER)
    pair.settle(FOUR, SIX, OTHER)
    assert sorted(pair.one.states().values()) == ["MASTER"] * 3


def test_removed_and_added_again_at_once(pair):
    """Its end is not over then: it starts anew."""
    pair.begin(FOUR, OTHER)
    pair.two.kill()  # nobody takes over: the removed router waits for a successor
    _since, answer = pair.reload("one", FOUR)
    assert answer["removed"] == [OTHER.name]
    _since, answer = pair.reload("one", FOUR, OTHER)
    assert answer["restarted"] + answer["added"] == [OTHER.name]
    pair.settle(FOUR, OTHER)
    assert "10.8.0.20/32" in pair.addresses("one")


def test_an_address_moves_to_another_router(pair):
    pair.begin(FOUR, OTHER)
    giver, taker = replace(OTHER, addresses=("10.8.0.21/32",)), replace(FOUR, addresses=(*FOUR.addresses, "10.8.0.20/32"))
    for first, second in ((taker, giver), (FOUR, OTHER)):
        pair.reload("two", first, second)
        since, answer = pair.reload("one", first, second)
        assert len(answer["changed"]) == 2
        wait_until(lambda: ("one", "10.8.0.20") in pair.announced(since), what="its announcement")
        assert "10.8.0.20/32" in pair.addresses("one")
    # And from one that is removed.
    since, _answer = pair.reload("one", taker)
    wait_until(lambda: ("one", "10.8.0.20") in pair.announced(since), what="its announcement")
    wait_until(lambda: (2, 4) not in pair.one.states(), what="an end of the removed router")
    assert "10.8.0.20/32" in pair.addresses("one")


def test_another_version_is_a_new_start(pair):
    pair.begin(FOUR, OTHER)
    other_version = replace(FOUR, version=2, interval=1)
    _since, answer = pair.reload("two", other_version, OTHER)
    assert answer["restarted"] == [FOUR.name]
    since, answer = pair.reload("one", other_version, OTHER)
    assert answer["restarted"] == [FOUR.name]
    pair.settle(FOUR)
    assert pair.capture.select(Advert, now() - 10**9, vrid=1)[-1].version == 2
    assert_no_gap(pair.capture.select(Advert, since, vrid=2))


def test_another_name_is_a_change_of_nothing_else(pair):
    pair.begin(FOUR, OTHER)
    since = now()
    pair.one.configure(pair.one.file.read_text().replace(FOUR.name, "uplink"))
    assert "1 changed (uplink); 1 unchanged" in pair.one.vrrpctl("reload").stdout
    assert pair.one.instance(1)["name"] == "uplink"
    pair.capture.wait(Advert, 10, now(), 3, vrid=1)
    assert_no_gap(pair.capture.select(Advert, since, vrid=1, family=4))
    assert pair.announced(since) == set()


BAD = {
    "a wrong word": ("vrrp_instance x {\n    advert_intt 1\n}\n", ":2:5: error: "),
    "nothing": ("", "has no vrrp_instance"),
    "no such interface": (keepalived_conf([replace(FOUR, interface="eth7")]), "there is no interface \"eth7\""),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_changes_nothing(pair, what):
    pair.begin(FOUR, SIX)
    text, complaint = BAD[what]
    before, since = pair.transitions(), now()
    pair.one.configure(text)
    refused = pair.one.vrrpctl("reload", check=False)
    assert refused.returncode == 1 and complaint in refused.stderr, refused.stderr
    pair.one.reload()
    wait_until(lambda: pair.one.log.read_text().count("everything is as it was") == 2, what="a line about SIGHUP")
    pair.capture.wait(Advert, 10, now(), 3, vrid=1, family=6)
    assert_no_gap(pair.capture.select(Advert, since, vrid=1, family=4))
    assert pair.transitions() == before
    pair.write("one", FOUR, SIX, OTHER)
    pair.one.reload()
    pair.settle(FOUR, SIX, OTHER)


def kernel_maps(router):
    """What the data plane was told: all but what it counts and times itself."""
    pins = f"/sys/fs/bpf/xvrrp/{router.namespace.name}"
    dumps = {name: router.namespace.run("bpftool", "-j", "map", "dump", "pinned", f"{pins}/{name}").stdout
             for name in ("if_policy", "vr_config", "vr_peer", "vip", "vmac")}
    return {name: sorted(json.dumps({word: entry[word] for word in ("key", "value")}) for entry in json.loads(dump))
            for name, dump in dumps.items()}


def own_nat_table(pair):
    """Somebody owns the nftables table that virtual_nat of router two would have: the kernel refuses it to others."""
    host = pair.segment.hosts["two"]
    add = f"echo 'add table inet xvrrp_{host.name} {{ flags owner; }}'; exec sleep 60"
    pair.run.spawn(host.enter("sh", "-c", f"({add}) | nft -i"), pair.run.directory / "nft.log")
    wait_until(lambda: "xvrrp" in host.run("nft", "list", "tables").stdout, what="the table")


WITH_NAT = (*QUIET, "virtual_nat {\n masquerade oif eth0\n}")


def test_a_reload_that_nat_refuses_leaves_the_maps_alone(pair):
    """What a lowered Backup hears and whom it preempts is the election's to say, not a refused reload's (B1)."""
    lowered = replace(FOUR, priority=101)  # as configured above whoever is Master
    delayed = replace(OTHER, priority=101, extra=(*QUIET, "preempt_delay 60"))
    unicast = replace(SIX, extra=(*QUIET, f"unicast_peer {{\n {pair.segment.address('one', 6)}\n}}"))
    pair.write("one", *(replace(router, priority=90) for router in (FOUR, OTHER)))
    pair.one.start()
    pair.settle(FOUR, OTHER)
    pair.write("two", lowered, delayed)
    pair.two.start()
    pair.two.vrrpctl("priority", lowered.name, "50")
    wait_until(lambda: set(pair.two.states().values()) == {"BACKUP"})
    own_nat_table(pair)
    before, maps = pair.transitions(), kernel_maps(pair.two)
    pair.write("two", replace(lowered, extra=WITH_NAT), replace(delayed, addresses=("10.8.0.77/32",)), unicast,
               replace(OTHER, vrid=9, extra=(*QUIET, "use_vmac")))
    refused = pair.two.vrrpctl("reload", check=False)
    assert refused.returncode == 1 and "nftables" in refused.stderr, refused.stderr
    assert kernel_maps(pair.two) == maps
    pair.capture.wait(Advert, 10, now(), 12, vrid=1)  # three Master_Down_Intervals
    assert pair.transitions() == before
    assert pair.mastership.wait({(1, 4): "one", (2, 4): "one"}, 5, count=3) == {}


def test_peers_come_and_go(pair):
    """Those that stay are let in at every moment, those that go no longer than the reload takes."""
    def with_peers(*numbers):
        peers = "\n".join(f" 192.0.2.{number}" for number in numbers)
        return replace(FOUR, extra=(*QUIET, f"unicast_peer {{\n{peers}\n}}"))

    pair.write("one", with_peers(252))
    pair.write("two", with_peers(251))
    for router in pair.routers.values():
        router.start()
    pair.settle(FOUR)
    for numbers in ((251, 7), (251, 8, 9), (251,)):
        before = pair.two.counters(1).get("peer", 0)
        pair.reload("two", with_peers(*numbers))
        entries = kernel_maps(pair.two)["vr_peer"]
        assert len(entries) == len(numbers)
        pair.capture.wait(Advert, 10, now(), 3, vrid=1)
        assert pair.two.counters(1).get("peer", 0) == before
        assert pair.two.state() == "BACKUP"
    pair.reload("two", FOUR)
    assert kernel_maps(pair.two)["vr_peer"] == []


def test_a_lease_may_be_taken_off(pair):
    """The one that ran must not fence a Master that has none, nor whoever gets its slot."""
    host = pair.segment.hosts["two"]
    pair.begin(FOUR, OTHER)
    host.ip("route", "add", "10.8.0.0/24", "dev", INTERFACE)
    without = replace(FOUR, extra=(*QUIET, "lease_ms 0"))
    new = replace(OTHER, vrid=3, extra=without.extra)
    pair.reload("one", without, OTHER)
    pair.two.stop()
    pair.reload("one", without)
    wait_until(lambda: (2, 4) not in pair.one.states(), what="an end of the removed router")
    pair.reload("one", without, new)
    pair.settle(FOUR, new)
    pair.capture.wait(Advert, 10, now(), 10, vrid=3)  # the leases that were are over
    for address in ("10.8.0.1", "10.8.0.20"):
        assert host.run("ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", address, check=False).returncode == 0
    assert sum(part["counters"].get("fenced", 0) for part in pair.one.stats()["virtual_routers"]) == 0


def filtered(host):
    """Virtual MACs in the receive filter."""
    lines = host.run("bridge", "fdb", "show", "dev", INTERFACE).stdout.splitlines()
    return {line.split()[0] for line in lines if line.startswith("00:00:5e:00:01") and " self permanent" in line}


def test_nat_and_virtual_macs_come_and_go(pair):
    pair.begin(FOUR, OTHER)
    host = pair.segment.hosts["one"]
    assert "xvrrp" not in nft_rules(host)
    with_nat = replace(FOUR, extra=(*QUIET, "virtual_nat {\n masquerade oif eth0\n}"))
    since, answer = pair.reload("one", with_nat, replace(OTHER, extra=(*QUIET, "use_vmac")))
    assert (answer["changed"], answer["restarted"]) == ([FOUR.name], [OTHER.name])
    assert "masquerade" in nft_rules(host)
    assert_no_gap(pair.capture.wait(Advert, 10, since, 4, vrid=1))
    pair.settle(OTHER)
    assert pair.capture.select(Advert, now() - 10**9, vrid=2)[-1].mac == "00:00:5e:00:01:02"
    with_macs = [replace(router, extra=(*QUIET, "use_vmac")) for router in (FOUR, OTHER)]
    pair.reload("one", *with_macs)
    wait_until(lambda: filtered(host) == {"00:00:5e:00:01:01", "00:00:5e:00:01:02"}, what="both in the filter")
    pair.reload("one", FOUR, with_macs[1])
    wait_until(lambda: filtered(host) == {"00:00:5e:00:01:02"}, what="one in the filter")
    pair.reload("one", FOUR, OTHER)
    assert "xvrrp" not in nft_rules(host)
    pair.settle(FOUR, OTHER)
    assert pair.capture.select(Advert, now() - 10**9, vrid=2)[-1].mac == pair.segment.mac("one")
    wait_until(lambda: filtered(host) == set(), what="an empty filter")


def test_a_hundred_routers_keep_their_time_meanwhile(pair):
    """A third of them changes, a third goes, a third comes, again and again: nobody takes over from the rest."""
    def many(vrids, last):
        return [VirtualRouter(vrid, (f"10.9.{vrid}.{last}/32",), interval=INTERVAL, extra=QUIET) for vrid in vrids]

    kept = many(range(1, 35), 1)
    pair.begin(*kept, *many(range(35, 101), 1))
    since = now()
    for last in (2, 3, 4):
        for name in ("two", "one"):
            pair.reload(name, *kept, *many(range(35, 68), last), *(many(range(68, 101), 1) if last == 3 else ()))
    assert pair.mastership.wait({(vrid, 4): "one" for vrid in range(1, 68)}, 20) == {}
    wait_until(lambda: len(pair.one.states()) == 67 and set(pair.one.states().values()) == {"MASTER"})
    assert {advert.port for advert in pair.capture.select(Advert, since) if advert.vrid < 68} == {"one"}
    assert {address for address in pair.addresses("one") if address.startswith("10.9.")} == {
        *(f"10.9.{vrid}.1/32" for vrid in range(1, 35)), *(f"10.9.{vrid}.4/32" for vrid in range(35, 68))}
