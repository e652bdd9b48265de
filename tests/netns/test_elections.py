# SPDX-License-Identifier: BSD-2-Clause
"""The state machine of RFC 9568 6.4 and RFC 3768 6.4, seen from the wire: every rule for both versions and families.

The speaker is the other router. Times are conditions: not before the RFC's timer, and not so late that it could have
been another one.
"""

import time


import pytest

from arena import LATE_S, Arena, contenders
from checks import wait_until
from lab.capture import now
from lab.conformance import ExpectedAdvert, advert_faults
from lab.run import Run
from lab.speaker import goodbye

KINDS = {  # version, family, interval
    "v2": (2, 4, 1.0),
    "v3-ipv4": (3, 4, 0.2),
    "v3-ipv6": (3, 6, 0.2),
}
ROUTERS = {
    "plain": {},
    "nopreempt": {"preempt": False},
    "slow": {"interval": 1.0},  # what is sent at once is told from what is sent on schedule
    "owner": {"priority": 255, "preempt": False},
    "untouched": {},
}
# An advert that we measure from may itself be late: what follows it on schedule then seems early.
SLACK_S = 0.1
LOWER = {4: "192.0.2.2", 6: "fe80::2"}
GREATER = {4: "192.0.2.252", 6: "fe80::fc"}
OWN = {4: "192.0.2.251", 6: "fe80::fb"}

every_kind = pytest.mark.parametrize("kind", KINDS)
v3_kinds = pytest.mark.parametrize("kind", ["v3-ipv4", "v3-ipv6"])


@pytest.fixture(scope="module")
def arena(xvrrpd):
    with Run() as run, Arena(run, contenders(ROUTERS, KINDS)) as arena:
        arena.dut.start()
        yield arena


def named(arena, kind, name="plain"):
    return arena.contenders[f"{kind}:{name}"]


# ---- Backup ----


@every_kind
def test_backup_is_silent_while_there_is_a_master(arena, kind):
    """And takes over Master_Down_Interval after the last advert."""
    contender = named(arena, kind)
    router = contender.router
    arena.as_backup(contender)
    since = now()
    with arena.speaker.repeating(contender.message(), router.interval):
        time.sleep(1.1 * router.master_down())
    assert arena.ours(contender, since) == []
    arena.assert_timer(contender, arena.said(contender)[-1], router.master_down())
    assert arena.reason(contender) == "master-silent"


@every_kind
def test_equal_priority_is_heeded_whatever_the_address(arena, kind):
    contender = named(arena, kind)
    arena.as_backup(contender)
    since = now()
    equal = contender.message(priority=100, source=LOWER[contender.router.family])
    with arena.speaker.repeating(equal, contender.router.interval):
        time.sleep(1.1 * contender.router.master_down())
    assert arena.ours(contender, since) == []


@v3_kinds
def test_a_longer_interval_is_learned(arena, kind):
    """Skew_Time too; and the new Master goes by its own interval."""
    contender = named(arena, kind)
    start = arena.as_backup(contender, interval=60)
    arena.assert_timer(contender, start, contender.router.master_down(0.6))
    adverts = arena.next_advert(contender, start.time, count=4)
    assert {advert.interval for advert in adverts} == {0.2}
    assert (adverts[-1].time - adverts[0].time) / 1e9 < 3 * 0.2 + LATE_S


@v3_kinds
def test_a_shorter_interval_is_learned(arena, kind):
    contender = named(arena, kind, "slow")
    start = arena.as_backup(contender, interval=20)
    arena.assert_timer(contender, start, contender.router.master_down(0.2))


@every_kind
@pytest.mark.parametrize("name", ["plain", "nopreempt"])
def test_priority_zero_leaves_skew_time(arena, kind, name):
    contender = named(arena, kind, name)
    arena.as_backup(contender)
    start = arena.say(contender, goodbye(contender.message()))
    arena.assert_timer(contender, start, contender.router.skew())
    assert arena.reason(contender) == "master-resigned"


@v3_kinds
def test_skew_time_is_of_the_learned_interval(arena, kind):
    contender = named(arena, kind, "slow")
    arena.as_backup(contender, interval=300)
    start = arena.say(contender, goodbye(contender.message(interval=300)))
    arena.assert_timer(contender, start, contender.router.skew(3.0))


@every_kind
def test_a_stranger_does_not_resign_for_the_master(arena, kind):
    """Priority 0 counts of the router that was heard last only (docs/decisions/0036)."""
    contender = named(arena, kind)
    start = arena.as_backup(contender)
    arena.say(contender, goodbye(contender.message(source=LOWER[contender.router.family])))
    arena.assert_timer(contender, start, contender.router.master_down())


@every_kind
def test_after_a_resignation_a_new_master_may_come(arena, kind):
    contender = named(arena, kind)
    arena.as_backup(contender)
    arena.speaker.say(goodbye(contender.message()))
    start = arena.say(contender, contender.message(priority=201))
    arena.assert_timer(contender, start, contender.router.master_down())


@every_kind
def test_a_lower_priority_does_not_restart_the_timer(arena, kind):
    contender = named(arena, kind)
    start = arena.as_backup(contender)
    with arena.speaker.repeating(contender.message(priority=50), contender.router.interval / 4):
        arena.assert_timer(contender, start, contender.router.master_down())
    assert arena.reason(contender) == "preempted"


@every_kind
def test_without_preemption_it_does(arena, kind):
    contender = named(arena, kind, "nopreempt")
    arena.as_backup(contender)
    since = now()
    with arena.speaker.repeating(contender.message(priority=50), contender.router.interval):
        time.sleep(1.1 * contender.router.master_down())
    assert arena.ours(contender, since) == []
    arena.assert_timer(contender, arena.said(contender)[-1], contender.router.master_down())
    assert arena.reason(contender) == "master-silent"


@every_kind
def test_an_owner_preempts_always(arena, kind):
    """Another owner with a greater address silences it (erratum 8298), a lower priority does not, nopreempt or not."""
    contender = named(arena, kind, "owner")
    start = arena.as_backup(contender, priority=255)
    with arena.speaker.repeating(contender.message(priority=254), contender.router.interval / 4):
        arena.assert_timer(contender, start, contender.router.master_down())


# ---- Master ----


@every_kind
def test_a_higher_priority_silences_a_master(arena, kind):
    """At once, for 3 of its intervals and our Skew_Time of them."""
    contender = named(arena, kind)
    arena.as_master(contender)
    interval = 1.0 if kind == "v2" else 0.4
    start = arena.as_backup(contender, priority=101, interval=contender.wire_interval * (1 if kind == "v2" else 2))
    assert arena.reason(contender) == "higher-priority"
    arena.assert_timer(contender, start, contender.router.master_down(interval))


TIES = {
    "v2-192.0.2.252": True, "v2-192.0.2.9": False, "v2-10.0.0.1": False, "v2-200.0.0.1": True,
    "v3-ipv4-192.0.2.252": True, "v3-ipv4-192.0.2.9": False, "v3-ipv4-192.0.2.250": False, "v3-ipv4-128.0.0.1": False,
    "v3-ipv4-200.0.0.1": True,
    "v3-ipv6-fe80::fc": True, "v3-ipv6-fe80::9": False, "v3-ipv6-fe80::fa": False, "v3-ipv6-fe80::1:0": True,
    "v3-ipv6-fe80::8000:0:0:1": True,
}


@pytest.mark.parametrize("tie", TIES)
def test_a_tie_goes_to_the_greater_address(arena, tie):
    """Compared as unsigned numbers in network order."""
    kind, _dash, source = tie.rpartition("-")
    contender = named(arena, kind, "slow")
    if not TIES[tie]:
        assert_answered(arena, contender, contender.message(priority=100, source=source))
        return
    arena.as_master(contender)
    since = arena.speaker.say(contender.message(priority=100, source=source))
    wait_until(lambda: arena.state(contender) == "BACKUP", what="BACKUP")
    assert arena.reason(contender) == "higher-address"
    assert arena.ours(contender, since) == []


def assert_answered(arena, contender, loser):
    """RFC 9568 6.4.3: a Master that hears a loser answers at once, and its own period goes on."""
    interval = contender.router.interval
    for _attempt in range(5):
        last = arena.as_master(contender)
        time.sleep(interval / 2)
        said = arena.speaker.say(loser)
        if (said - last.time) / 1e9 < interval * 0.7:
            break  # else the machine stood still, until the period's end was near
    answer, following = arena.next_advert(contender, said, count=2)
    assert (answer.time - last.time) / 1e9 < interval - SLACK_S
    assert -SLACK_S < (following.time - last.time) / 1e9 - interval < interval / 2 - SLACK_S
    assert arena.state(contender) == "MASTER"


@every_kind
def test_a_lower_priority_is_answered_at_once(arena, kind):
    contender = named(arena, kind, "slow")
    assert_answered(arena, contender, contender.message(priority=99))


@every_kind
def test_without_preemption_a_master_is_no_different(arena, kind):
    """Preempt_Mode is not considered by a Master: it stays before a lower priority and yields to a higher one."""
    contender = named(arena, kind, "nopreempt")
    arena.as_master(contender)
    arena.speaker.say(contender.message(priority=99))
    arena.next_advert(contender, now(), count=2)
    assert arena.state(contender) == "MASTER"
    start = arena.as_backup(contender, priority=101)
    assert arena.ours(contender, start.time) == []


@every_kind
def test_priority_zero_is_answered_and_the_period_starts_again(arena, kind):
    contender = named(arena, kind, "slow")
    last = arena.as_master(contender)
    time.sleep(0.2)
    since = arena.speaker.say(goodbye(contender.message()))
    answer, following = arena.next_advert(contender, since, count=2)
    assert (answer.time - last.time) / 1e9 < 0.2 + LATE_S
    assert (following.time - answer.time) / 1e9 > contender.router.interval - SLACK_S


@every_kind
def test_our_own_address_starts_no_storm(arena, kind):
    """A looped frame, or a host with our address: dropped, counted, not answered."""
    contender = named(arena, kind, "slow")
    last = arena.as_master(contender)
    before = arena.counters(contender)["own_source"]
    for priority in (100, 99, 255, 0):
        arena.speaker.say(contender.message(priority=priority, source=OWN[contender.router.family]), copies=5)
    wait_until(lambda: arena.counters(contender)["own_source"] == before + 20, what="20 packets counted")
    following = arena.next_advert(contender, last.time + 1)[0]
    assert (following.time - last.time) / 1e9 > contender.router.interval - SLACK_S
    assert arena.state(contender) == "MASTER"


@every_kind
def test_losers_do_not_choose_our_rate(arena, kind):
    """Answers to losing adverts are limited: one in 10 ms, however many there are."""
    contender = named(arena, kind, "slow")
    arena.as_master(contender)
    since = now()
    for _burst in range(20):
        arena.speaker.say(contender.message(priority=99), copies=100)
        time.sleep(0.01)
    seconds = (now() - since) / 1e9
    assert len(arena.ours(contender, since)) <= seconds * 101 + 3
    assert arena.state(contender) == "MASTER"


# ---- counters and the end ----


@every_kind
def test_counters(arena, kind):
    """Exactly what was said and seen (RFC 6527)."""
    contender = named(arena, kind)
    vrid, family = contender.router.vrid, contender.router.family
    arena.as_master(contender)
    before, since = arena.dut.instance(vrid, family)["counters"], now()
    arena.as_backup(contender)
    for _time in range(3):
        arena.speaker.say(contender.message())
    arena.speaker.say(goodbye(contender.message()))
    arena.next_advert(contender, now(), count=2)
    after = wait_until(lambda: arena.dut.instance(vrid, family)["counters"], what="counters")
    sent = len(arena.ours(contender, since))
    assert after["adverts_received"] - before["adverts_received"] == 5
    assert after["priority_zero_received"] - before["priority_zero_received"] == 1
    assert after["became_master"] - before["became_master"] == 1
    assert abs(after["adverts_sent"] - before["adverts_sent"] - sent) <= 1  # one may be on its way
    assert after["priority_zero_sent"] == before["priority_zero_sent"]


@every_kind
def test_status_says_what_the_wire_says(arena, kind):
    contender = named(arena, kind)
    router = contender.router
    interval = 1.0 if kind == "v2" else 0.4
    arena.as_backup(contender, priority=201, interval=contender.wire_interval * (1 if kind == "v2" else 2))
    status = arena.dut.instance(router.vrid, router.family)
    assert status["state"] == "BACKUP"
    assert status["master"] == {"address": GREATER[router.family], "priority": 201}
    assert status["timers"]["master_adver_interval_ms"] == pytest.approx(interval * 1000)
    assert status["timers"]["skew_time_ms"] == pytest.approx(router.skew(interval) * 1000)
    assert status["timers"]["master_down_interval_ms"] == pytest.approx(router.master_down(interval) * 1000)


@every_kind
def test_a_master_that_nobody_disturbs(arena, kind):
    """No advert is early, none is missing, and it became Master once."""
    contender = named(arena, kind, "untouched")
    adverts = arena.ours(contender)
    for number, advert in enumerate(adverts):
        assert (advert.time - adverts[0].time) / 1e9 > number * contender.router.interval - SLACK_S
    elapsed = (now() - adverts[0].time) / 1e9
    assert len(adverts) >= 0.9 * elapsed / contender.router.interval
    assert arena.dut.instance(contender.router.vrid, contender.router.family)["counters"]["became_master"] == 1


def test_the_end(arena):
    """Masters say one goodbye, otherwise like all their adverts; Backups say nothing; the addresses are gone."""
    backups = [contender for name, contender in arena.contenders.items() if name.endswith(":nopreempt")]
    masters = [contender for contender in arena.contenders.values() if contender not in backups]
    for contender in masters:
        arena.ensure_master(contender)
    for contender in backups:
        arena.as_backup(contender)
    since = arena.dut.terminate()
    assert arena.dut.wait_exit() == 0
    for contender in masters:
        router = contender.router
        said = arena.ours(contender, since)
        assert said[-1].priority == 0 and all(advert.priority for advert in said[:-1])
        assert advert_faults(said[-1].frame, ExpectedAdvert(
            arena.mac, OWN[router.family], router.vrid, 0, router.plain_addresses, router.version,
            contender.wire_interval)) == []
    for contender in backups:
        assert arena.ours(contender, since) == []
    left = arena.segment.hosts["dut"].ip("-o", "addr", "show", "dev", arena.segment.interface)
    assert not any(address in left for contender in arena.contenders.values()
                   for address in contender.router.addresses)
