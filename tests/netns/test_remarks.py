# SPDX-License-Identifier: BSD-2-Clause
"""Valid adverts that RFC 9568 7.1 and 8.3.2 want logged: one line each, however many come."""

import re

import pytest

from arena import Arena, contenders
from checks import wait_until
from lab.capture import now
from lab.run import Run

KINDS = {"v3-ipv4": (3, 4, 0.2), "v3-ipv6": (3, 6, 0.2)}
ROUTERS = {"plain": {}, "owner": {"priority": 255}}
# Between ours and the other's address: it loses the tie.
LOSER = {4: "192.0.2.2", 6: "fe80::2"}


@pytest.fixture
def arena(xvrrpd):
    with Run() as run, Arena(run, contenders(ROUTERS, KINDS)) as arena:
        arena.dut.start()
        yield arena


def remarks(arena, contender, about):
    """Warnings about the virtual router that say this."""
    line = re.compile(rf" warning {contender.router.name}: .*{about}")
    return [text for text in arena.dut.log.read_text().splitlines() if line.search(text)]


def heard(arena, contender):
    return arena.dut.instance(contender.router.vrid, contender.router.family)["counters"]["adverts_received"]


def say_often(arena, contender, message, copies=20):
    """And waits until they were counted."""
    before = heard(arena, contender)
    arena.speaker.say(message, copies)
    wait_until(lambda: heard(arena, contender) >= before + copies)


@pytest.mark.parametrize("kind", KINDS)
def test_another_interval(arena, kind):
    contender = arena.contenders[f"{kind}:plain"]
    say_often(arena, contender, contender.message(interval=50))
    [line] = wait_until(lambda: remarks(arena, contender, "every 500 ms"))
    assert "200" in line
    said = arena.dut.instance(contender.router.vrid, contender.router.family)
    assert said["timers"]["master_adver_interval_ms"] == 500


@pytest.mark.parametrize("kind", KINDS)
def test_other_addresses(arena, kind):
    contender = arena.contenders[f"{kind}:plain"]
    addresses = contender.router.plain_addresses
    say_often(arena, contender, contender.message(addresses=(*addresses, addresses[0])))
    assert len(wait_until(lambda: remarks(arena, contender, "virtual addresses"))) == 1
    assert arena.counters(contender)["address_list"] == 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, about", [("plain", "greater address wins"), ("owner", "two routers own the addresses")])
def test_two_masters_of_one_priority(arena, kind, name, about):
    contender = arena.contenders[f"{kind}:{name}"]
    arena.next_advert(contender, now())
    priority, family = contender.router.priority, contender.router.family
    say_often(arena, contender, contender.message(priority=priority, source=LOSER[family]))
    assert len(wait_until(lambda: remarks(arena, contender, about))) == 1
    assert arena.state(contender) == "MASTER"
