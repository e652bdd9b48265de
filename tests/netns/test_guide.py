# SPDX-License-Identifier: BSD-2-Clause
"""The source guide's network with its own files: VRRPv2, unicast, PASS, one second."""

import pytest

from checks import assert_on_time, has_virtual_address, holds_nothing, nft_rules, wait_until
from lab import configs
from lab.capture import now
from lab.network import INTERFACE, ROUTERS, UPSTREAM_ADDRESS, VIRTUAL_ADDRESS, VRID
from lab.packets import Advert, GratuitousArp, Packet
from lab.routers import XvrrpRouter
from lab.staging import staged
from lab.timers import Timers

pytestmark = pytest.mark.usefixtures("settled")


@pytest.fixture(scope="module")
def stage(module_run, xvrrpd):
    with staged(module_run, (XvrrpRouter, XvrrpRouter), configs.guide, Timers(2, 1000)) as stage:
        yield stage


@pytest.fixture
def settled(stage):
    """Whatever a test before this one left: both routers run, DENT2 is the Master."""
    stage.network.restore("dent2")
    for router in stage.routers.values():
        if not router.is_running():
            router.start()
    stage.settle()


def instance(router):
    return router.status()["instances"][0]


def test_status(stage):
    for name, state, priority in (("dent2", "MASTER", 101), ("dent3", "BACKUP", 100)):
        status = instance(stage.routers[name])
        assert status["state"] == state
        assert status["priority"] == status["effective_priority"] == priority
        assert (status["name"], status["interface"], status["vrid"]) == ("VI_1", INTERFACE, VRID)
        assert (status["family"], status["version"]) in (("ipv4", 2), ("IPv4", 2), (4, 2))
        assert (status["master"]["address"], status["master"]["priority"]) == (ROUTERS["dent2"][0], 101)


def test_the_master_alone_has_the_address(stage):
    assert has_virtual_address(stage.network.dent2)
    assert not has_virtual_address(stage.network.dent3)


def test_adverts(stage):
    """Every byte the guide's file decides, and no advert of the Backup."""
    since = now()
    adverts = stage.observer.wait(Advert, 5, since, count=3)
    for advert in adverts:
        assert advert.port == "dent2"
        assert (advert.source, advert.destination, advert.ttl) == (ROUTERS["dent2"][0], ROUTERS["dent3"][0], 255)
        assert (advert.version, advert.vrid, advert.priority, advert.interval) == (2, VRID, 101, 1)
        assert advert.addresses == (VIRTUAL_ADDRESS,)
        assert advert.auth == (1, b"1212\0\0\0\0")
        assert advert.checksum == "message"
    gaps = [(later.time - earlier.time) / 1e6 for earlier, later in zip(adverts, adverts[1:])]
    assert all(995 < gap < 1250 for gap in gaps), gaps


def test_what_leaves_is_masqueraded(stage):
    since = now()
    packets = stage.observer.wait(Packet, 5, since, count=20, segment="upstream", destination=UPSTREAM_ADDRESS)
    assert {packet.source for packet in packets} == {ROUTERS["dent2"][1]}


def test_sigterm(stage):
    """Goodbye, takeover at Skew_Time, nothing left; then it comes back and preempts."""
    since = now()
    assert_on_time(stage.stop(), "dent3")
    assert stage.routers["dent2"].wait_exit() == 0
    assert holds_nothing(stage.network.dent2)
    assert stage.observer.goodbye("dent2", 0, since).addresses == (VIRTUAL_ADDRESS,)
    announced = stage.observer.wait(GratuitousArp, 5, since, port="dent3", address=VIRTUAL_ADDRESS)
    assert announced[0].time > stage.observer.first_advert("dent3", 0, since).time
    wait_until(lambda: has_virtual_address(stage.network.dent3), what="the address on DENT3")

    assert_on_time(stage.start(), "dent2", late_ms=1000)
    wait_until(lambda: not has_virtual_address(stage.network.dent3), what="DENT3 giving the address up")
    assert instance(stage.routers["dent3"])["state"] == "BACKUP"


def test_kill(stage):
    """Takeover at Master_Down_Interval; the successor cleans up before it does anything else."""
    assert_on_time(stage.kill(), "dent3")
    dent2 = stage.routers["dent2"]
    since = now()
    dent2.start()
    assert dent2.state() == "BACKUP"
    assert not has_virtual_address(stage.network.dent2)
    assert stage.observer.leaks(since) == []
    stage.settle()
    assert_rules_are_single(stage.network.dent2)


def assert_rules_are_single(namespace):
    """A second set of rules beside a predecessor's would be a leftover."""
    assert nft_rules(namespace).count("masquerade") == 1


def test_link_cut_and_restored(stage):
    assert_on_time(stage.cut(), "dent3")
    wait_until(lambda: instance(stage.routers["dent2"])["state"] == "FAULT", what="FAULT on DENT2")
    wait_until(lambda: not has_virtual_address(stage.network.dent2), what="DENT2 giving the address up")
    assert_on_time(stage.restore(), "dent2")
    assert instance(stage.routers["dent2"])["state"] == "MASTER"


def test_a_backup_that_stops_says_nothing(stage):
    since = now()
    assert stage.routers["dent3"].stop() == 0
    assert holds_nothing(stage.network.dent3)
    stage.settle()
    assert stage.observer.select(Advert, since, port="dent3") == []
