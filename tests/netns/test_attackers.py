# SPDX-License-Identifier: BSD-2-Clause
"""Whoever is on the link may speak VRRP; what one packet of his leaves behind is bounded (decision 0036)."""

import ipaddress
import struct
import time
from dataclasses import replace

import pytest

from arena import Arena, contenders
from checks import wait_until
from fifo import Fifo
from lab.capture import now
from lab.packets import GratuitousArp
from lab.routers import XvrrpRouter
from lab.run import Run
from lab.segment import Segment
from lab.speaker import Message, Speaker, goodbye
from lab.virtual_routers import VirtualRouter, keepalived_conf

LONGEST = 4095  # centiseconds
STRANGER = {4: "192.0.2.77", 6: "fe80::4d"}
STRANGERS_MAC = "02:00:00:00:00:77"  # the speaker's
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
    """Is worth four of ours: as Master, and as Backup."""
    contender = arena.contenders[f"{kind}:plain"]
    arena.ensure_master(contender)
    longest = contender.message(interval=LONGEST, priority=254)
    start = arena.say(contender, longest)
    arena.assert_timer(contender, start, contender.router.master_down(4 * contender.router.interval))

    arena.as_backup(contender)
    start = arena.say(contender, longest)
    arena.assert_timer(contender, start, contender.router.master_down(4 * contender.router.interval))


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


# ---- who says that he has an address ----


def gratuitous_arp(address, mac=STRANGERS_MAC):
    sender, packed = bytes.fromhex(mac.replace(":", "")), ipaddress.ip_address(address).packed
    return (b"\xff" * 6 + sender + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
            + sender + packed + bytes(6) + packed)


def test_a_claim_is_told_and_answered(run, xvrrpd, vrrpctl):
    segment = Segment(run, {"dut": 1, "tst": 2})
    router = XvrrpRouter(run, segment.hosts["dut"], keepalived_conf([
        VirtualRouter(7, ("192.0.2.100/32",), interval=0.1,
                      extra=("garp_master_delay 0", "garp_master_repeat 1"))]))
    with segment.capture() as capture, Speaker(segment.hosts["tst"], segment.interface) as speaker:
        router.start()
        router.wait_state(10, "MASTER")
        capture.wait(GratuitousArp, 5, 0, port="dut")
        since = now()
        for _claim in range(5):
            speaker.send_frame(gratuitous_arp("192.0.2.100"))
        capture.wait(GratuitousArp, 5, since, port="dut")
        wait_until(lambda: router.counters(7).get("claimed") == 5, what="the counter")
        wait_until(lambda: STRANGERS_MAC in router.log.read_text(), what="a line in the log")
        assert len(capture.select(GratuitousArp, since, port="dut")) == 1, "once in ten seconds"
        assert router.log.read_text().count("says that it has the virtual address 192.0.2.100") == 1
        findings = router.vrrpctl("doctor", "--json", check=False).stdout
        assert "address_claimed" in findings and STRANGERS_MAC in findings


# ---- the log ----


def test_losing_adverts_do_not_fill_the_log(run, xvrrpd):
    """One each 5 ms, to a Master whose pipe nobody reads."""
    fifo = Fifo(run)
    segment = Segment(run, {"dut": 1, "tst": 2})
    router = XvrrpRouter(run, segment.hosts["dut"], keepalived_conf(
        [VirtualRouter(7, ("192.0.2.100/32",), interval=0.1)],
        f"global_defs {{\n notify_fifo {fifo.path}\n}}\n"))
    losing = Message(7, ("192.0.2.100",), "192.0.2.2", priority=1, interval=10)

    def lines():
        return router.log.read_text().count(f"notify_fifo {fifo.path}: nobody reads it")
    with Speaker(segment.hosts["tst"], segment.interface) as speaker:
        router.start()
        router.wait_state(10, "MASTER")
        with speaker.repeating(losing, 0.005):
            wait_until(lambda: lines() > 0, 60, "a full pipe")
            first = time.monotonic()
            wait_until(lambda: "lines like it were left out" in router.log.read_text(), 60, "what was left out")
            assert lines() <= 20 + 2 + (time.monotonic() - first)
