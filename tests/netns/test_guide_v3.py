# SPDX-License-Identifier: BSD-2-Clause
"""The guide's network with VRRPv3, multicast, ten milliseconds."""

import statistics

import pytest

from checks import LATE_MS, assert_on_time
from lab import configs
from lab.capture import now
from lab.network import ROUTERS, VIRTUAL_ADDRESS, VRID
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.staging import staged
from lab.timers import Timers

KILLS = 20


@pytest.fixture(scope="module")
def stage(module_run, xvrrpd):
    timers = Timers(3, 10)
    with staged(module_run, (XvrrpRouter, XvrrpRouter), configs.multicast_v3, timers, probe_interval=0.002) as stage:
        stage.begin()
        yield stage


def test_adverts(stage):
    adverts = stage.observer.wait(Advert, 5, now(), count=20, port="dent2")
    for advert in adverts:
        assert (advert.source, advert.destination, advert.ttl) == (ROUTERS["dent2"][0], "224.0.0.18", 255)
        assert (advert.version, advert.vrid, advert.priority, advert.interval) == (3, VRID, 101, 0.01)
        assert advert.addresses == (VIRTUAL_ADDRESS,)
        assert advert.checksum in ("message", "pseudo-header")
    gaps = [(later.time - earlier.time) / 1e6 for earlier, later in zip(adverts, adverts[1:])]
    assert 9.5 < statistics.median(gaps) < 11, gaps


def test_sigterm_and_preemption(stage):
    assert_on_time(stage.stop(), "dent3")
    assert_on_time(stage.start(), "dent2", late_ms=1000)


@pytest.mark.seconds(180)
def test_kill(stage, record_property):
    late = []
    for _time in range(KILLS):
        stage.settle()
        killed = stage.kill()
        assert_on_time(killed, "dent3")
        late.append(killed.late_ms)
        assert_on_time(stage.start(), "dent2", late_ms=1000)
    late.sort()
    record_property("takeovers late by", f"p50 {statistics.median(late):.3f} ms, most {late[-1]:.3f} ms, of {KILLS}")
    assert statistics.median(late) < LATE_MS / 10


def test_link_cut_and_restored(stage):
    stage.settle()
    assert_on_time(stage.cut(), "dent3")
    assert_on_time(stage.restore(), "dent2")
