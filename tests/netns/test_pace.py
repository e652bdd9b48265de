# SPDX-License-Identifier: BSD-2-Clause
"""Intervals below a centisecond: what is announced, what a Backup counts, and a Master that means its centisecond."""

import pytest

from checks import wait_until
from lab.capture import now
from lab.packets import Advert
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MEMBERS = {"old": 252, "new": 251}
PRIORITIES = {"old": 200, "new": 100}
VRID = 7
ADDRESSES = {4: ("192.0.2.100/32",), 6: ("fe80::100/64", "2001:db8::100/64")}
FASTEST, CENTISECOND = 0.001, 0.01
# A busy machine stands still for longer than three milliseconds; so long it does not.
PATIENT = ("down_timer_adverts 100",)
# The Backup of a centisecond then waits for 96 ms; one that counted milliseconds would not wait for the next advert.
IMPATIENT = ("down_timer_adverts 9",)
PROOF = 20  # seconds: that of the pace takes 32 adverts, unless the machine stands still


class Pair:
    def __init__(self, run, family=4, intervals=(FASTEST, FASTEST), makers=(XvrrpRouter, XvrrpRouter), extra=PATIENT):
        self.segment = Segment(run, MEMBERS)
        self.key = {"vrid": VRID, "family": family}
        self.routers = {}
        for name, interval, maker in zip(MEMBERS, intervals, makers):
            foreign = maker is KeepalivedRouter
            router = VirtualRouter(VRID, ADDRESSES[family], 3, family, PRIORITIES[name], interval,
                                   extra=() if foreign else extra)
            options = {"realtime": True} if foreign else {}
            self.routers[name] = maker(run, self.segment.hosts[name], keepalived_conf([router]), **options)

    def start(self):
        for name, state in (("old", "MASTER"), ("new", "BACKUP")):
            self.routers[name].start()
            self.routers[name].wait_state(10, state)

    def counted_ms(self):
        return self.routers["new"].instance(VRID, self.key["family"])["timers"]["master_adver_interval_ms"]

    def became_master(self):
        return self.routers["new"].instance(VRID, self.key["family"])["counters"]["became_master"]


@pytest.mark.seconds(120)
@pytest.mark.parametrize("family", (4, 6))
def test_a_backup_counts_milliseconds_once_they_are_proven(run, xvrrpd, family):
    pair = Pair(run, family)
    with pair.segment.capture() as capture:
        pair.start()
        wait_until(lambda: pair.counted_ms() == 1, PROOF, "a proven pace")
        since = now()
        adverts = capture.wait(Advert, 10, since, 500, port="old", **pair.key)
        assert {advert.interval for advert in adverts} == {CENTISECOND}
        assert (adverts[-1].time - adverts[0].time) / 1e9 < 500 * CENTISECOND, "not faster than it says"
        moment = pair.routers["old"].kill()
        capture.wait(Advert, 10, moment, 10, port="new", **pair.key)
    assert pair.routers["new"].state() == "MASTER"
    assert pair.counted_ms() == 1


@pytest.mark.seconds(120)
@pytest.mark.parametrize("maker", (KeepalivedRouter, XvrrpRouter), ids=("keepalived", "xvrrp"))
def test_a_master_that_means_its_centisecond_is_left_alone(run, xvrrpd, maker):
    pair = Pair(run, intervals=(CENTISECOND, FASTEST), makers=(maker, XvrrpRouter), extra=IMPATIENT)
    backup = pair.routers["new"]
    with pair.segment.capture() as capture:
        pair.start()
        capture.wait(Advert, 30, now(), 1000, port="old", **pair.key)
    assert pair.counted_ms() == 10
    assert pair.became_master() == 0
    assert backup.counters(VRID)["pace_differs"] > 0
    assert "do not come every 1 ms" in backup.log.read_text()


@pytest.mark.seconds(120)
@pytest.mark.parametrize("maker", (KeepalivedRouter, XvrrpRouter), ids=("keepalived", "xvrrp"))
def test_a_backup_that_knows_centiseconds_is_content_with_a_faster_master(run, xvrrpd, maker):
    pair = Pair(run, intervals=(FASTEST, CENTISECOND), makers=(XvrrpRouter, maker))
    backup = pair.routers["new"]
    with pair.segment.capture() as capture:
        pair.start()
        capture.wait(Advert, 30, now(), 5000, port="old", **pair.key)
        assert backup.state() == "BACKUP"
        moment = pair.routers["old"].kill()
        capture.wait(Advert, 10, moment, port="new", **pair.key)
    backup.wait_state(10, "MASTER")
