# SPDX-License-Identifier: BSD-2-Clause
"""Words of the configuration that change how adverts of others are judged."""

import pytest

from arena import Arena, contenders
from checks import wait_until
from lab.capture import now
from lab.packets import GratuitousArp
from lab.run import Run

ROUTERS = {
    "owner": {"priority": 255},
    "deaf-owner": {"priority": 255, "extra": ("owner_ignore_adverts",)},
    "auto": {"extra": ("v3_checksum_as_v2 auto",)},
    "insists": {"extra": ("garp_master_repeat 1", "garp_master_delay 0", "garp_lower_prio_repeat 3")},
    "silent": {"extra": ("garp_master_repeat 1", "garp_master_delay 0", "garp_lower_prio_repeat 0")},
}
V2 = {
    "lenient": {},
    "strict": {"extra": ("v2_strict_addresses",)},
}


@pytest.fixture(scope="module")
def arena(xvrrpd):
    made = {**contenders(ROUTERS, {"v3": (3, 4, 0.2)}), **contenders(V2, {"v2": (2, 4, 1.0)})}
    with Run() as run, Arena(run, made) as arena:
        arena.dut.start()
        yield arena


def logged(arena, *words):
    return any(all(word in line for word in words) for line in arena.dut.log_tail(1000).splitlines())


# ---- two owners (RFC 9568 8.3.2, erratum 8298) ----


def test_an_owner_yields_to_a_greater_address(arena):
    contender = arena.contenders["v3:owner"]
    arena.ensure_master(contender)
    arena.as_backup(contender, priority=255)
    wait_until(lambda: logged(arena, contender.router.name, "255", "own"), what="a line about two owners")


def test_an_owner_stays_before_a_lower_address(arena):
    contender = arena.contenders["v3:owner"]
    arena.ensure_master(contender)
    arena.speaker.say(contender.message(priority=255, source="192.0.2.9"))
    arena.next_advert(contender, now(), count=2)
    assert arena.state(contender) == "MASTER"


def test_an_owner_may_be_told_to_hear_nobody(arena):
    contender = arena.contenders["v3:deaf-owner"]
    for priority in (255, 0):
        arena.speaker.say(contender.message(priority=priority), copies=5)
    wait_until(lambda: arena.counters(contender)["owner_ignores"] == 10, what="10 packets counted")
    arena.next_advert(contender, now(), count=2)
    assert arena.state(contender) == "MASTER"


# ---- VRRPv2 with other addresses (RFC 3768 7.1) ----


def test_other_addresses_in_v2_are_noted(arena):
    contender = arena.contenders["v2:lenient"]
    arena.ensure_master(contender)
    before = arena.counters(contender)["address_list"]
    arena.as_backup(contender, addresses=("10.9.9.9",))
    assert arena.counters(contender)["address_list"] == before + 1


def test_other_addresses_in_v2_are_refused_if_asked(arena):
    """But an owner's, who should know."""
    contender = arena.contenders["v2:strict"]
    arena.ensure_master(contender)
    other = {"addresses": ("10.9.9.9",)}
    arena.speaker.say(contender.message(priority=254, **other), copies=5)
    wait_until(lambda: arena.counters(contender)["strict_addresses"] == 5, what="5 packets counted")
    assert arena.state(contender) == "MASTER"
    arena.as_backup(contender, priority=255, **other)


# ---- the checksum's two forms over IPv4 ----


@pytest.mark.parametrize("pseudo_header, form", [(False, "message"), (True, "pseudo-header")],
                         ids=["message", "pseudo-header"])
def test_the_checksum_is_as_heard(arena, pseudo_header, form):
    """Both are accepted; v3_checksum_as_v2 auto sends what it heard last."""
    contender = arena.contenders["v3:auto"]
    arena.ensure_master(contender)
    before = arena.counters(contender)["checksum_message"]
    start = arena.as_backup(contender, pseudo_header=pseudo_header)
    assert arena.counters(contender)["checksum_message"] - before == (0 if pseudo_header else 1)
    adverts = arena.next_advert(contender, start.time, count=3)
    assert {advert.checksum for advert in adverts} == {form}


# ---- after another router believed to be Master ----


@pytest.mark.parametrize("name, count", [("insists", 3), ("silent", 0)])
def test_addresses_are_announced_again_after_an_advert_that_loses(arena, name, count):
    """Hosts may have believed the other."""
    contender = arena.contenders[f"v3:{name}"]
    arena.ensure_master(contender)
    [address] = contender.router.plain_addresses
    arena.next_advert(contender, now(), count=2)  # what the takeover announced is out: garp_master_delay is 0
    since = now()
    arena.say(contender, contender.message(priority=1))
    if count:
        arena.capture.wait(GratuitousArp, 5, since, count, port="dut", address=address)
    arena.next_advert(contender, now(), count=3)
    assert len(arena.capture.select(GratuitousArp, since, port="dut", address=address)) == count
