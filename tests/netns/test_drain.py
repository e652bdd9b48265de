# SPDX-License-Identifier: BSD-2-Clause
"""A planned end costs no packet: a Master that is drained or stopped goes on until it hears its successor."""

import pytest

from checks import wait_until
from lab.capture import now
from lab.pinger import Pinger
from lab.run import Run
from vmac_lan import FAR, TARGET, VRID, Lan

PROBE_S = 0.0002


@pytest.fixture(params=("plain", "use_vmac"))
def lan(request):
    with Run() as run, Lan(run, words=("use_vmac",) if request.param == "use_vmac" else ()) as made:
        yield made


def drain(lan):
    first = lan.routers["first"]
    for family in (4, 6):
        name = first.instance(VRID, family)["name"]
        said = first.vrrpctl("drain", name).stdout
        assert said == f"{name} is drained: FAULT, the operator took it out of service\n"


def stop(lan):
    assert lan.routers["first"].stop() == 0


@pytest.mark.parametrize("end", [drain, stop])
@pytest.mark.parametrize("target", [TARGET[4], FAR[4]], ids=("to-the-address", "through-it"))
def test_no_packet_is_lost(lan, end, target):
    """5,000 packets a second to the virtual address, or through it and back."""
    lan.far.ip("route", "replace", "192.0.2.0/24", "via", "198.51.100.1")
    first, second = lan.routers["first"], lan.routers["second"]
    with Pinger(lan.hosts["host"], target, PROBE_S) as pinger:
        wait_until(lambda: pinger.is_answered(0, 500), what="answers")
        since = now()
        end(lan)
        wait_until(lambda: set(second.states().values()) == {"MASTER"}, what="a successor")
        until = now()
        wait_until(lambda: pinger.is_answered(until, 500), what="answers of the successor")
    outage = pinger.outage(since, until)
    assert outage.lost == 0, outage
    if end is drain:
        assert set(first.states().values()) == {"FAULT"}
        assert first.namespace.addresses("eth0") == ["192.0.2.251/24"]


def test_a_drained_router_takes_part_again(lan):
    first, second = lan.routers["first"], lan.routers["second"]
    drain(lan)
    status = first.instance(VRID)
    assert (status["drained"], status["resigns"], status["reason"]) == (True, False, "drained")
    second.kill()  # nobody is left; a drained router does not help out
    refused = first.vrrpctl("undrain", "nonsense", check=False)
    assert refused.returncode == 1 and "there is no virtual router \"nonsense\"; there are " in refused.stderr
    refused = first.vrrpctl("undrain", str(VRID), check=False)
    assert refused.returncode == 1 and "there are several virtual routers of VRID" in refused.stderr
    assert set(first.states().values()) == {"FAULT"}
    for family in (4, 6):
        first.vrrpctl("undrain", first.instance(VRID, family)["name"])
    wait_until(lambda: set(first.states().values()) == {"MASTER"}, what="MASTER")


def test_without_a_successor_it_lets_go_all_the_same(lan):
    lan.routers["second"].stop()
    drain(lan)
    assert set(lan.routers["first"].states().values()) == {"FAULT"}


@pytest.mark.parametrize("lan", ["plain"], indirect=True)
@pytest.mark.parametrize("how", ["a second signal", "graceful off"])
def test_an_end_that_waits_for_nobody(lan, how):
    """A lone Master waits for Backups that do not come, here 3.2 s; whoever does not want that says so."""
    first = lan.routers["first"]
    lan.routers["second"].stop()
    first.stop()
    first.configure(("global_defs {\n    graceful off\n}\n" if how == "graceful off" else "")
                    + first.file.read_text().replace("advert_int 0.2", "advert_int 3"))
    first.start()
    wait_until(lambda: set(first.states().values()) == {"MASTER"}, 20, what="MASTER")
    first.terminate()
    if how == "a second signal":
        wait_until(lambda: all(part["resigns"] for part in first.status()["instances"]), what="a Master that resigns")
        first.terminate()
    assert first.wait_exit(2) == 0
