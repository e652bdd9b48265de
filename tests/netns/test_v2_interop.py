# SPDX-License-Identifier: BSD-2-Clause
"""`v2_interop`: a VRRPv3 router that speaks and hears VRRPv2 as well (RFC 9568 8.4), to a speaker and to keepalived."""

import time

import pytest

from arena import Arena, contenders
from checks import wait_until
from lab.capture import now
from lab.conformance import ExpectedAdvert, advert_faults
from lab.mastership import Mastership
from lab.packets import Advert
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.run import Run
from lab.segment import Segment
from lab.speaker import goodbye
from lab.virtual_routers import VirtualRouter, keepalived_conf

INTEROP = {"extra": ("v2_interop",)}
ROUTERS = {
    "half": {"interval": 0.5, **INTEROP},
    "fast": {"interval": 0.1, **INTEROP},
    "two": {"interval": 2.0, "priority": 255, **INTEROP},
    "strict": {"interval": 0.2},  # no interoperation
}
SOURCE = "192.0.2.251"


@pytest.fixture(scope="module")
def arena(xvrrpd):
    with Run() as run, Arena(run, contenders(ROUTERS, {"v3": (3, 4, 1.0)})) as arena:
        arena.dut.start()
        yield arena


def in_v2(contender, **fields):
    """An advert of a VRRPv2 router."""
    return contender.message(version=2, **{"interval": 1, **fields})


def spoken(arena, contender, version, since=0):
    return [advert for advert in arena.ours(contender, since) if advert.version == version]


@pytest.mark.parametrize("name, seconds", [("half", 1), ("fast", 1), ("two", 2)])
def test_a_master_speaks_both(arena, name, seconds):
    """One of each at every interval, also below a second, each with its own checksum."""
    contender = arena.contenders[f"v3:{name}"]
    router = contender.router
    arena.ensure_master(contender)
    since = now()
    arena.next_advert(contender, since, count=10 if router.interval < 1 else 4)
    both = {version: spoken(arena, contender, version, since) for version in (2, 3)}
    assert abs(len(both[2]) - len(both[3])) <= 1
    for version, interval in ((2, seconds), (3, contender.wire_interval)):
        for advert in both[version]:
            assert advert_faults(advert.frame, ExpectedAdvert(
                arena.mac, SOURCE, router.vrid, router.priority, router.plain_addresses, version, interval)) == []


def test_a_backup_hears_v2_alone(arena):
    """And times the Master by the seconds of its adverts."""
    contender = arena.contenders["v3:half"]
    arena.ensure_master(contender)
    start = arena.say(contender, in_v2(contender))
    wait_until(lambda: arena.state(contender) == "BACKUP", what="BACKUP")
    arena.assert_timer(contender, start, contender.router.master_down(1.0))


def test_v2_beside_v3_of_the_same_router_is_ignored(arena):
    """Neither its interval nor its priority counts."""
    contender = arena.contenders["v3:half"]
    arena.ensure_master(contender)
    start = arena.as_backup(contender)
    before = arena.counters(contender)["v2_shadowed"]
    for fields in ({"interval": 9}, {"priority": 0}, {"priority": 1}):
        arena.say(contender, in_v2(contender, **fields))
    wait_until(lambda: arena.counters(contender)["v2_shadowed"] == before + 3, what="3 packets counted")
    arena.assert_timer(contender, start, contender.router.master_down())


def test_v2_resignation(arena):
    contender = arena.contenders["v3:half"]
    arena.ensure_master(contender)
    time.sleep(3 * contender.router.interval)  # since its last advert in v3: it is a v2 router from now on
    arena.say(contender, in_v2(contender))
    wait_until(lambda: arena.state(contender) == "BACKUP", what="BACKUP")
    start = arena.say(contender, goodbye(in_v2(contender)))
    arena.assert_timer(contender, start, contender.router.skew(1.0))


def test_without_the_word_v2_is_refused(arena):
    contender = arena.contenders["v3:strict"]
    arena.ensure_master(contender)
    since = arena.speaker.say(in_v2(contender), copies=5)
    wait_until(lambda: arena.counters(contender)["version"] == 5, what="5 packets counted")
    assert arena.state(contender) == "MASTER"
    assert spoken(arena, contender, 2, since) == []


def test_both_goodbyes(arena):
    for contender in arena.contenders.values():
        arena.ensure_master(contender)
    since = arena.dut.terminate()
    assert arena.dut.wait_exit() == 0
    for name, contender in arena.contenders.items():
        left = {advert.version for advert in arena.ours(contender, since) if advert.priority == 0}
        assert left == ({3} if name == "v3:strict" else {2, 3}), name


# ---- keepalived that knows v2 only ----


def test_keepalived_in_version_2(arena):
    """It is our Backup and our Master, and understands our goodbye."""
    segment = Segment(arena.run, {"ours": 20, "theirs": 10}, name="pair")
    routers = {}
    for host, version, kind in (("ours", 3, XvrrpRouter), ("theirs", 2, KeepalivedRouter)):
        better = {"ours": 1, "theirs": 2}[host]
        routers[host] = kind(arena.run, segment.hosts[host], keepalived_conf([
            VirtualRouter(vrid, (f"10.8.7.{vrid}/32",), version, 4, 150 if vrid == better else 100, 1.0,
                          extra=("v2_interop",) if version == 3 else ()) for vrid in (1, 2)]))
    right = {(1, 4): "ours", (2, 4): "theirs"}
    with segment.capture() as capture:
        mastership = Mastership(capture)
        for router in routers.values():
            router.start()
        assert mastership.wait(right, 15, count=4) == {}
        since = now()
        routers["ours"].stop()
        taken = capture.wait(Advert, 10, since, port="theirs", vrid=1)[0]
        assert (taken.time - since) / 1e9 < 2, "the goodbye in version 2 was not understood"
        routers["ours"].start()
        assert mastership.wait(right, 15, count=4) == {}
        routers["theirs"].kill()
        assert mastership.wait({(1, 4): "ours", (2, 4): "ours"}, 15, count=4) == {}
