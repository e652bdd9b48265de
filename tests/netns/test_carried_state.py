# SPDX-License-Identifier: BSD-2-Clause
"""What a daemon knows beside the configuration and the kernel goes on after it, whether it hands over or is killed."""

import json
import os
import signal

import pytest

from checks import wait_until
from fifo import Fifo
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.run import STATE
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRIDS = (1, 2)
A, B, GROUP = "eth0_v4_1", "eth0_v4_2", "VG"


def members(interval, **options):
    return [VirtualRouter(vrid, (f"192.0.2.{100 + vrid}/32",), interval=interval, **options) for vrid in VRIDS]


class Scene:
    """The first of two routers is the one that ends and goes on; what it says through a pipe is heard."""

    def __init__(self, run, interval, blocks="", group=False, **options):
        self.segment, self.fifo = Segment(run, {"one": 1, "two": 2}), Fifo(run)
        self.hosts = self.segment.hosts
        if group:
            blocks += f"vrrp_sync_group {GROUP} {{\n group {{\n  {A}\n  {B}\n }}\n}}\n"
        first = f"global_defs {{\n script_user root\n notify_fifo {self.fifo.path}\n}}\n{blocks}\n"
        self.one = XvrrpRouter(run, self.hosts["one"], keepalived_conf(members(interval, **options), first))
        self.two = XvrrpRouter(run, self.hosts["two"], keepalived_conf(members(interval, priority=110)))
        self.capture = self.segment.capture()
        self.state = STATE / f"{self.hosts['one'].name}.state"

    def __enter__(self):
        self.capture.__enter__()
        return self

    def __exit__(self, *exception):
        self.capture.__exit__(*exception)

    def begin(self, state="MASTER"):
        self.one.start()
        self.wait_states(state)

    def wait_states(self, *wanted):
        wait_until(lambda: set(self.one.states().values()) == set(wanted), 15, lambda: f"{wanted}: {self.one.states()}")

    def kill_and_start(self):
        self.one.kill()
        self.one.start()

    def handover(self):
        self.one.vrrpctl("handover")

    def said(self):
        return [line.replace('"', "").split()[1:3] for line in self.fifo.lines()]

    def priorities(self, since, port="one"):
        return {advert.priority for advert in self.capture.select(Advert, since, port=port)}


@pytest.fixture
def scene(run, xvrrpd):
    """Adverts come each second, so that a daemon may be killed and started within a lease."""
    with Scene(run, 1) as made:
        yield made


@pytest.fixture(params=["handover", "kill_and_start"])
def go_on(request):
    return lambda scene: getattr(scene, request.param)()


def test_a_script_that_is_down_is_no_news(run, go_on, xvrrpd):
    """It is a fault, and that is what was told; then it is up."""
    flag = run.directory / "flag"
    check = run.directory / "check"
    check.write_text(f"#!/bin/sh\nsleep 0.3\ntest -e {flag}\n")
    check.chmod(0o755)
    flag.touch()
    blocks = f"vrrp_script chk {{\n script {check}\n interval 0.5\n}}\n"
    with Scene(run, 0.1, blocks, extra=("track_script {", " chk", "}")) as scene:
        scene.begin()
        flag.unlink()
        scene.wait_states("FAULT")
        wait_until(lambda: sorted(scene.said()[-2:]) == [[A, "FAULT"], [B, "FAULT"]], 5, "what is told")
        told = scene.said()
        go_on(scene)
        scene.wait_states("FAULT")
        flag.touch()
        scene.wait_states("MASTER")
        up = [[A, "BACKUP"], [A, "MASTER"], [B, "BACKUP"], [B, "MASTER"]]
        wait_until(lambda: sorted(scene.said()[len(told):]) == up, 5, "what is told")


def test_what_the_operator_set(scene, go_on):
    scene.begin()
    scene.one.vrrpctl("priority", A, "50")
    scene.one.vrrpctl("drain", B)
    wait_until(lambda: scene.one.states() == {(1, 4): "MASTER", (2, 4): "FAULT"}, 10, "a drained router")
    scene.capture.wait(Advert, 10, now(), vrid=1, priority=50)
    wait_until(lambda: scene.said()[-1] == [B, "FAULT"], 5, "what is told")
    told, since = scene.said(), now()
    go_on(scene)
    wait_until(lambda: scene.one.states() == {(1, 4): "MASTER", (2, 4): "FAULT"}, 10, "the same states")
    first, second = scene.one.instance(1), scene.one.instance(2)
    assert (first["wished_priority"], first["effective_priority"], first["reason"]) == (50, 50, "resumed")
    assert (second["drained"], second["reason"]) == (True, "drained")
    scene.capture.wait(Advert, 10, now(), count=2, vrid=1)
    assert scene.priorities(since) == {50}
    assert scene.said() == told, "nothing has changed for anybody"
    scene.one.vrrpctl("priority", A, "configured")
    scene.one.vrrpctl("undrain", B)
    go_on(scene)
    scene.wait_states("MASTER")
    assert [(scene.one.instance(vrid)["wished_priority"], scene.one.instance(vrid)["drained"]) for vrid in VRIDS] == [
        (None, False)] * 2
    assert scene.one.stop() == 0
    assert not scene.state.exists()


def test_a_daemon_that_was_stopped_leaves_nothing(scene):
    scene.begin()
    scene.one.vrrpctl("drain", B)
    assert scene.state.stat().st_mode & 0o777 == 0o600
    assert scene.one.stop() == 0
    assert not scene.state.exists()
    scene.begin()


def test_a_group(run, go_on, xvrrpd):
    with Scene(run, 1, group=True) as scene:
        scene.begin()
        wait_until(lambda: [GROUP, "MASTER"] in scene.said(), 5, "what is told of the group")
        told = scene.said()
        go_on(scene)
        scene.wait_states("MASTER")
        assert dumped_group(scene) == "MASTER"
        assert scene.said() == told
        scene.one.vrrpctl("drain", A)
        scene.wait_states("FAULT")
        wait_until(lambda: [GROUP, "FAULT"] in scene.said(), 5, "what is told of the group")
        told = scene.said()
        go_on(scene)
        scene.wait_states("FAULT")
        assert dumped_group(scene) == "FAULT"
        assert scene.said() == told
        scene.one.vrrpctl("undrain", A)
        wait_until(lambda: len(scene.said()) == len(told) + 6, 10, "what is told then")
        assert sorted(scene.said()[len(told):]) == sorted([name, state] for name in (A, B, GROUP)
                                                          for state in ("BACKUP", "MASTER"))


def dumped_group(scene):
    """Its state in the dump of the data."""
    path = scene.state.with_suffix(".keepalived.data")
    path.unlink(missing_ok=True)
    os.kill(scene.one.pid(), signal.SIGUSR1)
    line = f" VRRP Sync Group = {GROUP}, "
    text = wait_until(lambda: path.exists() and (text := path.read_text()).endswith("\n") and text, 5, "the dump")
    return text.partition(line)[2].partition("\n")[0]


def test_who_lost_its_addresses_tells_so(scene):
    """It was Master when it was killed, and is a Backup when it is started again: that is news."""
    scene.begin()
    wait_until(lambda: sorted(scene.said()[-2:]) == [[A, "MASTER"], [B, "MASTER"]], 5, "what is told")
    told = scene.said()
    scene.two.start()
    scene.one.kill()
    wait_until(lambda: set(scene.two.states().values()) == {"MASTER"}, 15, "a successor")
    scene.one.start()
    wait_until(lambda: sorted(scene.said()[len(told):]) == [[A, "BACKUP"], [B, "BACKUP"]], 10, "what is told")
    scene.kill_and_start()
    scene.wait_states("BACKUP")
    assert len(scene.said()) == len(told) + 2, "a Backup as before"


@pytest.mark.parametrize("what", ["another version", "a link"])
def test_what_cannot_be_read_is_said_and_ignored(scene, what):
    """tests/unit has what else can be wrong with it."""
    scene.begin()
    scene.one.vrrpctl("drain", B)
    scene.one.kill()
    text, aside = scene.state.read_text(), scene.state.with_suffix(".state2")
    if what == "a link":
        scene.state.rename(aside)
        scene.state.symlink_to(aside)
    else:
        assert '"xvrrp_state":1,' in text
        scene.state.write_text(text.replace('"xvrrp_state":1,', '"xvrrp_state":2,'))
    scene.one.start()
    scene.wait_states("MASTER")
    assert f"{scene.state} is ignored" in scene.one.log.read_text()
    assert not scene.state.is_symlink() and json.loads(scene.state.read_text())["xvrrp_state"] == 1, "its own"
    assert what != "a link" or aside.read_text() == text


def test_what_happened_is_known_after_a_handover(scene):
    scene.begin()
    scene.one.vrrpctl("drain", A)
    scene.wait_states("FAULT", "MASTER")
    scene.one.vrrpctl("undrain", A)
    scene.wait_states("MASTER")
    before = json.loads(scene.one.vrrpctl("explain", A, "--json").stdout)
    scene.handover()
    after = json.loads(scene.one.vrrpctl("explain", A, "--json").stdout)
    assert after["transitions"][0]["reason"] == "resumed"
    told = [[{key: value for key, value in past.items() if key != "time_ns"} for past in transitions]
            for transitions in (before["transitions"], after["transitions"][1:])]
    assert told[0] == told[1] and after["transitions_before"] == before["transitions_before"]
    assert "took it out of service" in scene.one.vrrpctl("explain", A).stdout


def test_a_file_is_initialized_once(run, go_on, xvrrpd):
    """The number is whoever's writes it, not the start's."""
    number = run.directory / "number"
    blocks = f"track_file number {{\n file {number}\n init_file -5 overwrite\n}}\n"
    with Scene(run, 1, blocks, extra=("track_file {", " number", "}")) as scene:
        scene.begin()
        number.write_text("-20\n")
        scene.capture.wait(Advert, 10, now(), priority=80)
        scene.one.reload()
        since = now()
        go_on(scene)
        scene.capture.wait(Advert, 10, now(), count=4, port="one")
        assert scene.priorities(since) == {80} and number.read_text() == "-20\n"


def test_what_cannot_be_written_down_refuses_a_handover(scene):
    scene.begin()
    pid = scene.one.pid()
    scene.state.unlink()
    scene.state.mkdir()
    done = scene.one.vrrpctl("drain", A)  # it is drained all the same
    assert "drained" in done.stdout
    done = scene.one.vrrpctl("handover", check=False)
    assert done.returncode == 1 and str(scene.state) in done.stderr, done.stderr
    assert scene.one.pid() == pid and scene.one.instance(1)["drained"]
    scene.state.rmdir()
    scene.handover()
    assert scene.one.instance(1)["drained"]


def test_what_the_loader_of_libraries_says_is_no_answer(scene):
    """It warns on standard error, which is none of the program's answer."""
    plain = scene.one.argv
    scene.one.argv = lambda: ["env", "LD_PRELOAD=/nonexistent.so", *plain()]
    scene.begin()
    assert "cannot be preloaded" in scene.one.log.read_text()
    scene.handover()
    assert scene.one.instance(1)["reason"] == "resumed"
