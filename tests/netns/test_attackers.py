# SPDX-License-Identifier: BSD-2-Clause
"""Whoever is on the link may speak VRRP; what one packet of his leaves behind is bounded (decision 0036)."""

from dataclasses import replace

import pytest

from arena import Arena, contenders
from checks import wait_until
from lab.run import Run
from lab.speaker import goodbye

LONGEST = 4095  # centiseconds
STRANGER = {4: "192.0.2.77", 6: "fe80::4d"}
KINDS = {"v3-ipv4": (3, 4, 0.2), "v3-ipv6": (3, 6, 0.2)}


@pytest.fixture(scope="module")
def arena(xvrrpd):
    with Run() as run, Arena(run, contenders({"plain": {}, "interop": {"extra": ("v2_interop",)}},
                                             {"v3-ipv4": KINDS["v3-ipv4"]})
                             | contenders({"plain": {}}, {"v3-ipv6": KINDS["v3-ipv6"]})) as arena:
        arena.dut.start()
        yield arena


def takeovers(arena, contender):
    return arena.dut.instance(contender.router.vrid)["counters"]["became_master"]


@pytest.mark.parametrize("kind", KINDS)
def test_one_advert_of_the_longest_interval(arena, kind):
    """Is worth 4 s (of routers of 1 s and more: four of their intervals): as Master, and as Backup."""
    contender = arena.contenders[f"{kind}:plain"]

    def believed():
        instance = arena.dut.instance(contender.router.vrid, contender.router.family)
        return instance["state"] == "BACKUP" and instance["timers"]["master_adver_interval_ms"] == 4000

    longest = contender.message(interval=LONGEST, priority=254)
    arena.ensure_master(contender)
    arena.say(contender, longest)
    wait_until(believed, what="4 s, as Master")

    arena.say(contender, goodbye(longest))
    arena.as_backup(contender)
    arena.say(contender, longest)
    wait_until(believed, what="4 s, as Backup")
    arena.say(contender, goodbye(longest))


def test_a_master_of_ten_times_our_interval_is_left_alone(arena):
    """It was not heard before, so that its first advert must be enough until its second; then it counts in full."""
    contender = arena.contenders["v3-ipv4:plain"]
    arena.ensure_master(contender)
    became_master = takeovers(arena, contender)
    slow = contender.message(interval=10 * contender.wire_interval)
    with arena.speaker.repeating(slow, 10 * contender.router.interval):
        def learned():
            timers = arena.dut.instance(contender.router.vrid)["timers"]
            return timers["master_adver_interval_ms"] == 10_000 * contender.router.interval
        wait_until(learned, what="the interval")
        assert arena.state(contender) == "BACKUP"
    assert takeovers(arena, contender) == became_master


def test_a_resignation_of_a_stranger(arena):
    """Is no resignation of the Master, and one of many postpones nothing."""
    contender = arena.contenders["v3-ipv4:plain"]
    forged = replace(goodbye(contender.message()), source=STRANGER[4])
    before = arena.counters(contender).get("other_resigned", 0)
    start = arena.as_backup(contender)
    with arena.speaker.repeating(forged, 0.02):
        arena.assert_timer(contender, start, contender.router.master_down(contender.router.interval))
    assert arena.counters(contender)["other_resigned"] > before

    arena.as_backup(contender)
    start = arena.say(contender, goodbye(contender.message()))
    with arena.speaker.repeating(goodbye(contender.message()), 0.02):
        arena.assert_timer(contender, start, contender.router.skew(contender.router.interval))


def test_v3_of_a_low_priority_in_the_name_of_a_v2_master(arena):
    """Does not silence him."""
    contender = arena.contenders["v3-ipv4:interop"]
    arena.ensure_master(contender)
    became_master = takeovers(arena, contender)
    master = contender.message(version=2, interval=1)
    with arena.speaker.repeating(master, 0.5):
        wait_until(lambda: arena.state(contender) == "BACKUP", what="BACKUP")
        arena.say(contender, contender.message(priority=1, interval=LONGEST))
        heard = arena.counters(contender)["backup_restart"]
        wait_until(lambda: arena.counters(contender)["backup_restart"] >= heard + 4, what="the Master's adverts")
    assert takeovers(arena, contender) == became_master
    assert arena.counters(contender).get("v2_shadowed", 0) == 0


def test_adverts_for_somebody_else(arena):
    contender = arena.contenders["v3-ipv4:plain"]
    arena.ensure_master(contender)
    before = arena.counters(contender)
    arena.speaker.say(contender.message(destination="224.0.0.19"))
    for mac in ("ff:ff:ff:ff:ff:ff", "33:33:00:00:00:12", "02:00:00:00:00:78"):
        arena.speaker.say(contender.message(), to=mac)

    def ignored():
        counters = arena.counters(contender)
        return (counters.get("group", 0) - before.get("group", 0), counters.get("frame", 0) - before.get("frame", 0))
    wait_until(lambda: ignored() == (1, 3), what="the counters")
    assert arena.state(contender) == "MASTER"
