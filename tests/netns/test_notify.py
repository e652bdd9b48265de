# SPDX-License-Identifier: BSD-2-Clause
"""Scripts and named pipes are told of every change of state, by xvrrpd in the same words as by keepalived."""

import time

import pytest

from checks import wait_until
from fifo import Fifo
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.run import Run
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MEMBERS = {"one": 1, "two": 2}
MAKES = {"xvrrp": XvrrpRouter, "keepalived": KeepalivedRouter}


class Told:
    """A script that appends its arguments to a file, and takes its time for that."""

    def __init__(self, run, delay=0.0):
        self.script, self.file = run.directory / "told.sh", run.directory / "told"
        self.script.write_text(f'#!/bin/sh\nsleep {delay}\nIFS=,; echo "$*" >> {self.file}\n')
        self.script.chmod(0o755)

    def words(self):
        events = ("master", "backup", "fault", "stop", "deleted")
        return tuple(f'notify_{event} "{self.script} {event} \'a b\'" root' for event in events) + (
            f'notify "{self.script} all" root root',)

    def lines(self):
        return self.file.read_text().splitlines() if self.file.exists() else []


@pytest.fixture
def told(run):
    return Told(run)


def single(run, make, words, fifo=None, first=""):
    segment = Segment(run, MEMBERS)
    globals_ = "global_defs {\n script_user root\n" + (f" notify_fifo {fifo.path}\n" if fifo else "") + first + "}\n"
    router = make(run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=words)], globals_))
    return segment, router


@pytest.mark.parametrize("make", MAKES)
def test_the_life_of_a_router(run, told, make, xvrrpd):
    fifo = Fifo(run)
    segment, router = single(run, MAKES[make], told.words(), fifo)
    router.start()
    name = "eth0_v4_1"
    wait_until(lambda: len(told.lines()) == 4, 10, "BACKUP and MASTER")
    segment.hosts["one"].ip("link", "set", "eth0", "down")
    wait_until(lambda: len(told.lines()) == 6, 10, "FAULT")
    segment.hosts["one"].ip("link", "set", "eth0", "up")
    wait_until(lambda: len(told.lines()) == 10, 10, "BACKUP and MASTER again")
    router.stop()
    wait_until(lambda: len(told.lines()) == 12, 10, "STOP")
    states = ("BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP")
    # keepalived runs both scripts of an event at once, in whatever order.
    assert sorted(told.lines()) == sorted(
        line for state in states for line in (f"{state.lower()},a b", f"all,INSTANCE,{name},{state},100"))
    assert fifo.lines() == [f'INSTANCE "{name}" {state} 100' for state in states]


def test_scripts_of_one_router_run_in_order(run, xvrrpd):
    """Slow ones too, and after the daemon's end."""
    told = Told(run, delay=0.3)
    _segment, router = single(run, XvrrpRouter, told.words())
    router.start()
    router.wait_state(10, "MASTER")
    router.stop()
    wait_until(lambda: len(told.lines()) == 6, 10, "all that happened")
    assert told.lines() == [line for state in ("BACKUP", "MASTER", "STOP") for line in (
        f"{state.lower()},a b", f"all,INSTANCE,eth0_v4_1,{state},100")]


def test_a_script_that_hangs_holds_up_nothing(run, xvrrpd):
    told = Told(run, delay=20)
    fifo = Fifo(run)
    _segment, router = single(run, XvrrpRouter, told.words(), fifo)
    router.start()
    router.wait_state(10, "MASTER")
    since = time.monotonic()
    assert router.stop() == 0
    assert time.monotonic() - since < 10
    assert fifo.lines()[-1].endswith("STOP 100")


def test_a_pipe_that_is_not_there_is_made_and_taken_away(run, told, xvrrpd):
    path = run.directory / "made"
    _segment, router = single(run, XvrrpRouter, (), first=f" vrrp_notify_fifo {path}\n")
    router.start()
    assert path.is_fifo() and path.stat().st_mode & 0o777 == 0o644
    router.stop()
    assert not path.exists()


def test_a_removed_router(run, told, xvrrpd):
    _segment, router = single(run, XvrrpRouter, told.words())
    router.start()
    router.wait_state(10, "MASTER")
    router.configure(router.file.read_text().replace("virtual_router_id 1", "virtual_router_id 2"))
    router.reload()
    wait_until(lambda: "all,INSTANCE,eth0_v4_1,DELETED,100" in told.lines(), 10, "DELETED")
    assert "deleted,a b" in told.lines()


@pytest.mark.parametrize("what, why", [
    ("/nowhere/script", "there is no"), ("relative/script", "is not an absolute path"), ("/etc/passwd", "is not executable")])
def test_a_script_that_cannot_be_run_is_named(run, what, why, xvrrpd):
    _segment, router = single(run, XvrrpRouter, (f"notify_master {what}",))
    router.start()
    assert why in router.log_tail(100) and "it will not be run" in router.log_tail(100)


def test_security(run, told, xvrrpd):
    told.script.chmod(0o757)
    _segment, router = single(run, XvrrpRouter, told.words(), first=" enable_script_security\n")
    router.start()
    router.wait_state(10, "MASTER")
    assert "not only root may write to" in router.log_tail(100)
    assert told.lines() == []
