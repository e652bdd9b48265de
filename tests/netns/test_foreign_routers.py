# SPDX-License-Identifier: BSD-2-Clause
"""xvrrpd beside keepalived and FRR's vrrpd, as Master and as Backup, in every version, family and way of addressing.

`foreign.py` tells what happens; here is what has to be seen of it.
"""

from dataclasses import replace

import pytest

from checks import EARLY_MS
from foreign import CASES, Story
from lab.conformance import ExpectedAdvert, advert_faults, gratuitous_arp_faults, unsolicited_na_faults
from lab.packets import GratuitousArp, UnsolicitedNa
from lab.run import Run

pytestmark = pytest.mark.seconds(300)  # the first test plays the story

# Ours is earlier than this even on a busy machine, and the other timer that it could be taken for is later.
LATE_S = 0.5
# Their timers are theirs: FRR's Skew_Time is whole centiseconds.
THEIR_LATE_S = 1.5
# What we may count beside the exits of good adverts.
# (A machine that stops the daemon for long enough lets a lease expire. Two Masters that meet claim each other's addresses.)
NOTES = {"checksum_message", "claimed", "interval_differs", "lease_expired", "priority_zero", "trailing"}
GOOD = {"backup_restart", "backup_skew", "backup_ignore", "master_heard", "v2_shadowed", "stopped"}


@pytest.fixture(scope="module")
def story(xvrrpd):
    with Run() as run:
        story = Story(run)
        with story.capture:
            story.play()
        yield story


def cases(condition=lambda _case: True):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES if condition(case)])


def adverts(story, case, since, until=None, port=None):
    return [advert for advert in story.mastership.adverts(since, until)[case.key] if port in (None, advert.port)]


def check_master(story, case, name):
    """At the end of a chapter there is one Master, the right one; and who was it before says no more."""
    chapter = story.chapters[name]
    assert case.key not in chapter.wrong, f"{name}: the Master is {chapter.wrong[case.key]}"
    return chapter


@cases()
def test_alone_we_are_master(story, case):
    check_master(story, case, "we start alone")


@cases()
@pytest.mark.parametrize("chapter", ["they join", "they come back", "they rise"])
def test_their_preemption(story, case, chapter):
    """They take what they have the higher priority for, and nothing else; equal priority is no reason."""
    chapter = check_master(story, case, chapter)
    if chapter.expected[case.key] == "ours":
        assert adverts(story, case, chapter.since, chapter.until, case.peer) == []


@cases()
@pytest.mark.parametrize("chapter", ["we come back", "we rise"])
def test_our_preemption(story, case, chapter):
    chapter = check_master(story, case, chapter)
    spoken = adverts(story, case, chapter.since, chapter.until, "ours")
    if chapter.expected[case.key] != "ours":
        assert spoken == []
    else:  # a Master_Down_Interval after the start
        down = case.at("ours", story.segment).master_down()
        assert (spoken[0].time - chapter.since) / 1e9 > down - EARLY_MS / 1000


@cases()
def test_they_take_over_when_we_leave(story, case):
    """Our priority 0 is understood: they come well before their Master_Down_Interval."""
    chapter = check_master(story, case, "we leave")
    if chapter.before[case.key] != "ours":
        assert adverts(story, case, chapter.since, chapter.until, "ours") == []
        return
    goodbyes = [advert for advert in adverts(story, case, chapter.since, chapter.until, "ours") if advert.priority == 0]
    assert len(goodbyes) == 1
    taken = adverts(story, case, chapter.since, chapter.until, case.peer)[0]
    theirs = case.at(case.peer, story.segment)
    assert (taken.time - goodbyes[0].time) / 1e9 < theirs.skew() + THEIR_LATE_S


@cases()
def test_we_take_over_when_they_leave(story, case):
    """Skew_Time after their priority 0."""
    chapter = check_master(story, case, "they leave")
    if chapter.before[case.key] == "ours":
        return
    goodbye = next(advert for advert in adverts(story, case, chapter.since, port=case.peer) if advert.priority == 0)
    taken = adverts(story, case, goodbye.time, chapter.until, "ours")[0]
    late = (taken.time - goodbye.time) / 1e9 - case.at("ours", story.segment).skew()
    assert -EARLY_MS / 1000 < late < LATE_S


@cases()
def test_they_take_over_when_we_die(story, case):
    check_master(story, case, "we die")


@cases()
def test_we_take_over_when_they_die(story, case):
    """Master_Down_Interval after their last advert."""
    chapter = check_master(story, case, "they die")
    if chapter.before[case.key] == "ours":
        return
    taken = adverts(story, case, chapter.since, chapter.until, "ours")[0]
    last = [advert for advert in adverts(story, case, 0, taken.time) if advert.port == case.peer][-1]
    late = (taken.time - last.time) / 1e9 - case.at("ours", story.segment).master_down()
    assert -EARLY_MS / 1000 < late < LATE_S


@cases()
def test_two_masters_become_one(story, case):
    """After a parted network: the higher priority stays, or the greater address."""
    chapter = check_master(story, case, "we meet again")
    loser = {"ours": case.peer, case.peer: "ours"}[chapter.expected[case.key]]
    interval = case.at("ours", story.segment).interval
    last = adverts(story, case, chapter.since, chapter.until, loser)
    assert not last or (last[-1].time - chapter.since) / 1e9 < 2 * interval + LATE_S


@cases()
def test_every_advert_of_ours(story, case):
    """Field by field, checksums included, goodbyes and unicast too."""
    ours = case.at("ours", story.segment)
    unit = 1 if ours.version == 2 else 0.01
    spoken = adverts(story, case, 0, port="ours")
    assert len(spoken) > 10
    for advert in spoken:
        expected = ExpectedAdvert(
            mac=story.macs["ours"], source=story.segment.address("ours", case.family), vrid=case.vrid,
            priority=advert.priority and ours.priority, addresses=ours.plain_addresses, version=ours.version,
            interval=round(ours.interval / unit))
        if case.is_unicast:
            expected = replace(expected, destination=story.segment.address(case.peer, case.family),
                               destination_mac=story.macs[case.peer])
        assert advert_faults(advert.frame, expected) == []


@cases()
def test_every_announcement_of_ours(story, case):
    """Each time we become Master, each address is announced, and not before the advert."""
    kind, faults = {4: (GratuitousArp, gratuitous_arp_faults), 6: (UnsolicitedNa, unsolicited_na_faults)}[case.family]
    first = adverts(story, case, 0, port="ours")[0]
    for address in case.at("ours", story.segment).plain_addresses:
        announced = story.capture.select(kind, port="ours", address=address)
        assert announced[0].time > first.time
        for announcement in announced:
            assert faults(announcement.frame, story.macs["ours"], address) == []


@cases()
def test_we_refuse_nothing_of_theirs(story, case):
    counted = story.routers["ours"].counters(case.vrid, case.family)
    assert {name: value for name, value in counted.items() if value and name not in GOOD | NOTES} == {}


@cases(lambda case: case.peer == "frr")
def test_frr_counts_our_adverts(story, case):
    """FRR's own view at the end: the roles, and adverts of ours that it accepted."""
    expected = story.chapters["we meet again"].expected[case.key]
    assert story.routers["frr"].states()[case.key] == ("MASTER" if expected == "frr" else "BACKUP")
