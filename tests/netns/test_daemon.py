# SPDX-License-Identifier: BSD-2-Clause
"""A daemon as a whole: as many virtual routers as there can be on an interface, and one that sleeps."""

import os
import signal

import pytest

from arena import virtual_router
from checks import realtime_threads, wait_until
from lab import processes
from lab.capture import now
from lab.conformance import ExpectedAdvert, advert_faults
from lab.mastership import Mastership
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf


@pytest.mark.seconds(120)
def test_all_vrids_of_both_families(run, xvrrpd):
    """255 virtual routers of IPv4 and 255 of IPv6: every one advertises, correctly."""
    segment = Segment(run, {"dut": 251, "tst": 252})
    routers = [virtual_router(vrid, family, interval=1.0) for family in (4, 6) for vrid in range(1, 256)]
    dut = XvrrpRouter(run, segment.hosts["dut"], keepalived_conf(routers))
    mac = segment.mac("dut")
    with segment.capture() as capture:
        dut.start(60)
        mastership = Mastership(capture)
        assert mastership.wait({(router.vrid, router.family): "dut" for router in routers}, 20, dut.started) == {}
        adverts = mastership.adverts()
    for router in routers:
        expected = ExpectedAdvert(mac, segment.address("dut", router.family), router.vrid, router.priority,
                                  router.plain_addresses)
        for advert in adverts[router.vrid, router.family]:
            assert advert_faults(advert.frame, expected) == []


def test_elections_run_on_the_processors_of_vrrp_cpu_affinity(run, xvrrpd):
    """A processor that is not there costs a warning, not the service."""
    segment = Segment(run, {"dut": 251})
    dut = XvrrpRouter(run, segment.hosts["dut"], "global_defs {\n    vrrp_cpu_affinity 0\n}\n"
                      + keepalived_conf([virtual_router(1, 4, interval=0.1)]))
    dut.start()
    election, = realtime_threads(dut.pid())
    assert os.sched_getaffinity(election) == {0}
    assert os.sched_getaffinity(dut.pid()) != {0} or os.cpu_count() == 1
    assert dut.status()["daemon"]["realtime"] is True
    dut.stop()

    dut.configure(dut.file.read_text().replace("affinity 0", "affinity 1023"))
    dut.start()
    assert dut.status()["daemon"]["realtime"] is False
    assert "vrrp_cpu_affinity 1023: Invalid argument" in dut.status()["daemon"]["realtime_warning"]
    assert "vrrp_cpu_affinity 1023: Invalid argument" in dut.log.read_text()
    dut.wait_state(10, "MASTER")


def test_a_stopped_daemon_comes_back(run, xvrrpd):
    """SIGSTOP for longer than Master_Down_Interval: the other takes over; woken, they agree on one Master again."""
    segment = Segment(run, {"one": 251, "two": 252})
    priorities = {"one": 200, "two": 100}
    routers = {name: XvrrpRouter(run, segment.hosts[name], keepalived_conf(
        [virtual_router(vrid, family, interval=0.2, priority=priorities[name] if vrid == 1 else 300 - priorities[name])
         for vrid in (1, 2) for family in (4, 6)])) for name in priorities}
    right = {(vrid, family): name for vrid, name in ((1, "one"), (2, "two")) for family in (4, 6)}
    with segment.capture() as capture:
        mastership = Mastership(capture)
        for router in routers.values():
            router.start()
        assert mastership.wait(right, 15) == {}
        since, pid = now(), routers["one"].pid()
        processes.send_signal(pid, signal.SIGSTOP)
        try:
            assert mastership.wait(dict.fromkeys(right, "two"), 10) == {}
            assert not capture.select(Advert, since + 500_000_000, port="one")
        finally:
            processes.send_signal(pid, signal.SIGCONT)
        assert mastership.wait(right, 15, count=5) == {}
        assert {router.states()[key] for router in routers.values() for key in right} == {"MASTER", "BACKUP"}


@pytest.mark.seconds(60)
def test_a_takeover_of_many_addresses_that_is_taken_back_leaves_none(run, xvrrpd):
    """The kernel takes some 0.1 s to add 2,000 addresses: the Master is back while its Backup still adds them."""
    segment = Segment(run, {"old": 251, "new": 252})
    vrids = range(1, 101)
    routers = {}
    for name, priority in (("old", 200), ("new", 100)):
        routers[name] = XvrrpRouter(run, segment.hosts[name], keepalived_conf(
            [VirtualRouter(vrid, tuple(f"10.16.{vrid}.{number}/32" for number in range(1, 21)), 3, 4, priority, 0.02,
                           extra=("down_timer_adverts 9",)) for vrid in vrids]))

    def addresses(name):
        return segment.hosts[name].ip("-o", "-4", "addr", "show").count("10.16.")

    with segment.capture() as capture:
        mastership = Mastership(capture)
        for router in routers.values():
            router.start()
        assert mastership.wait(dict.fromkeys(((vrid, 4) for vrid in vrids), "old"), 20) == {}
        for _ in range(3):
            since, pid = now(), routers["old"].pid()
            processes.send_signal(pid, signal.SIGSTOP)
            try:
                capture.wait(Advert, 10, since, port="new")
            finally:
                processes.send_signal(pid, signal.SIGCONT)
            assert mastership.wait(dict.fromkeys(((vrid, 4) for vrid in vrids), "old"), 20, count=20) == {}
            wait_until(lambda: addresses("new") == 0, 10, "a Backup without addresses")
            assert addresses("old") == 2000
