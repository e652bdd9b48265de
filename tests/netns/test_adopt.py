# SPDX-License-Identifier: BSD-2-Clause
"""A daemon that finds what a killed one left: it takes over the data plane, and a Master stays Master."""

import json

import pytest

from arena import virtual_router
from checks import wait_until
from lab.capture import now
from lab.mastership import Mastership
from lab.packets import Advert
from lab.pinger import Pinger
from lab.routers import XvrrpRouter
from lab.run import PINS
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import keepalived_conf

MASTERS = {(1, 4): "one", (1, 6): "one"}
VIRTUAL = "10.8.0.1"


@pytest.fixture
def pair(run, xvrrpd):
    """Two routers; "one" is Master. A host pings the virtual address every millisecond."""
    segment = Segment(run, {"one": 251, "two": 252, "host": 3})
    segment.hosts["host"].ip("route", "add", f"{VIRTUAL}/32", "dev", INTERFACE)
    for name in ("one", "two"):
        segment.hosts[name].ip("route", "add", "192.0.2.0/24", "dev", INTERFACE, "metric", "9")
    routers = {name: XvrrpRouter(run, segment.hosts[name], keepalived_conf(
        [virtual_router(1, family, interval=1.0, priority=priority) for family in (4, 6)]))
        for name, priority in (("one", 200), ("two", 100))}
    with segment.capture() as capture:
        for router in routers.values():
            router.start()
        assert Mastership(capture).wait(MASTERS, 20) == {}
        yield segment, routers, capture


def programs(router):
    """Ids of the receive program that is pinned, and of the one on the interface."""
    pinned = json.loads(router.namespace.run("bpftool", "-j", "prog", "show", "pinned",
                                             str(PINS / router.namespace.name / "xvrrp_rx")).stdout)["id"]
    [link] = json.loads(router.namespace.run("ip", "-j", "link", "show", "dev", INTERFACE).stdout)
    return pinned, link["xdp"]["prog"]["id"]


def test_killed_and_started_within_the_lease(pair):
    segment, routers, capture = pair
    one, two = routers["one"], routers["two"]
    before, adverts = programs(one), one.counters(1)
    with Pinger(segment.hosts["host"], VIRTUAL, 0.001) as pinger:
        wait_until(lambda: pinger.is_answered(0, 50), what="answers")
        since = now()
        one.kill()
        one.start()
        capture.wait(Advert, 10, now(), 2, port="one", vrid=1, family=4)
        until = now()
    outage = pinger.outage(since, until)
    assert outage.lost == 0, outage
    assert capture.select(Advert, since, port="two") == [], "the Backup saw no end of the Master"
    assert [a for a in capture.select(Advert, since, port="one") if a.priority == 0] == []
    assert one.instance(1)["reason"] == "resumed" and one.states()[1, 4] == "MASTER"
    pinned, attached = programs(one)
    assert pinned == attached != before[1], "the program is a new one, without a gap"
    assert two.states()[1, 4] == "BACKUP"
    assert all(one.counters(1).get(reason, 0) >= count for reason, count in adverts.items())


def test_a_backup_resumes_with_the_kernels_deadline(pair):
    _segment, routers, capture = pair
    two = routers["two"]
    heard = two.counters(1)["backup_restart"]
    two.kill()
    since = now()
    two.start()
    assert two.instance(1)["reason"] == "resumed" and two.states()[1, 4] == "BACKUP"
    assert two.counters(1)["backup_restart"] >= heard, "counters survive"
    routers["one"].kill()
    assert Mastership(capture).wait(dict.fromkeys(MASTERS, "two"), 15, since) == {}


def test_a_lease_that_has_run_out_is_no_mastership(pair):
    _segment, routers, capture = pair
    one = routers["one"]
    one.kill()
    assert Mastership(capture).wait(dict.fromkeys(MASTERS, "two"), 15) == {}
    since = now()
    one.start()
    assert one.instance(1)["reason"] != "resumed"
    first = capture.wait(Advert, 15, since, 1, port="one", vrid=1, family=4)[0]
    assert first.time - since > 2_000_000_000, "it waited as a Backup"
    assert f"{VIRTUAL}/32" not in one.namespace.addresses(INTERFACE) or one.states()[1, 4] == "MASTER"


def test_a_router_that_is_not_configured_any_more_goes(pair):
    _segment, routers, _capture = pair
    one = routers["one"]
    one.kill()
    one.configure(keepalived_conf([virtual_router(1, 4, interval=1.0, priority=200),
                                   virtual_router(2, 4, interval=1.0, priority=200)]))
    one.start()
    assert one.states()[1, 4] == "MASTER" and set(one.states()) == {(1, 4), (2, 4)}
    assert {(part["vrid"], part["family"]) for part in one.stats()["virtual_routers"]} == {(1, "ipv4"), (2, "ipv4")}
    assert not [address for address in one.namespace.addresses(INTERFACE) if "b:0:1" in address]
    wait_until(lambda: one.states()[2, 4] == "MASTER", timeout=10, what="the new one")


def test_another_version_is_refused_and_replaced(pair):
    _segment, routers, _capture = pair
    one = routers["one"]
    one.kill()
    pin = PINS / one.namespace.name / "info"
    one.namespace.run("bpftool", "map", "update", "pinned", str(pin), "key", "0", "0", "0", "0",
                      "value", "hex", *"02 00 00 00 02 00 00 00 01 00 00 00".split())
    done = one.namespace.run(*one.argv(), check=False)
    assert done.returncode == 6
    assert "data plane 2, this is" in done.stderr and "--replace" in done.stderr, done.stderr
    original = one.argv
    one.argv = lambda: [*original(), "--replace"]
    one.start()
    wait_until(lambda: one.states().get((1, 4)) == "MASTER", timeout=15, what="MASTER")


def test_an_address_on_an_interface_that_is_not_configured_any_more_goes(pair):
    _segment, routers, capture = pair
    one, plain = routers["one"], routers["one"].file.read_text()
    one.namespace.ip("link", "add", "spare0", "up", "type", "veth", "peer", "name", "spare1")
    one.namespace.ip("link", "set", "spare1", "up")
    one.stop()
    assert plain.count(f"{VIRTUAL}/32\n") == 1
    one.configure(plain.replace(f"{VIRTUAL}/32\n", f"{VIRTUAL}/32\n    10.9.0.1/32 dev spare0\n"))
    one.start()
    wait_until(lambda: one.namespace.addresses("spare0") == ["10.9.0.1/32"], 15, "the address")
    one.kill()
    one.configure(plain)
    one.start()
    assert one.namespace.addresses("spare0") == []
    assert Mastership(capture).wait(MASTERS, 15) == {}
