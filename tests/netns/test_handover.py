# SPDX-License-Identifier: BSD-2-Clause
"""`vrrpctl handover`: the daemon executes its program anew, and nobody on the network notices."""

import shutil

import pytest

from checks import wait_until
from lab import processes
from lab.capture import now
from lab.packets import Advert
from lab.pinger import Pinger
from test_adopt import VIRTUAL, pair, programs  # noqa: F401
from test_carried_state import Scene


def test_a_master_stays_master(pair, record_property):  # noqa: F811
    segment, routers, capture = pair
    one = routers["one"]
    pid, began, before = one.pid(), processes.start_time(one.pid()), programs(one)
    with Pinger(segment.hosts["host"], VIRTUAL, 0.001) as pinger:
        wait_until(lambda: pinger.is_answered(0, 50), what="answers")
        since = now()
        one.vrrpctl("handover")
        record_property("handover_ms", (now() - since) / 1e6)
        capture.wait(Advert, 10, now(), 2, port="one", vrid=1, family=4)
        until = now()
    outage = pinger.outage(since, until)
    assert outage.lost == 0, outage
    assert capture.select(Advert, since, port="two") == []
    assert [a for a in capture.select(Advert, since, port="one") if a.priority == 0] == []
    assert processes.start_time(pid) == began, "the same process"
    assert one.instance(1)["reason"] == "resumed" and one.states()[1, 4] == "MASTER"
    assert programs(one)[1] != before[1]
    one.terminate()  # SIGTERM is a stop, also of a successor
    wait_until(lambda: not one.is_running(), what="the end")
    assert [a for a in capture.select(Advert, until, port="one") if a.priority == 0]


@pytest.mark.parametrize("fault", ["configuration", "version", "no program"])
def test_a_handover_that_would_fail_is_refused(pair, tmp_path, fault):  # noqa: F811
    _segment, routers, _capture = pair
    one = routers["one"]
    program = tmp_path / "xvrrpd"
    shutil.copy(one.binaries / "xvrrpd", program)
    one.terminate()
    wait_until(lambda: not one.is_running(), what="the end")
    argv = one.argv()
    one.argv = lambda: [str(program), *argv[1:]]
    one.start()
    wait_until(lambda: one.states().get((1, 4)) == "MASTER", timeout=15, what="MASTER")
    pid, before = one.pid(), programs(one)
    if fault == "configuration":
        one.configure("vrrp_instance {")
    else:
        program.unlink()
    if fault == "version":
        program.write_text("#!/bin/sh\necho 99\n")
        program.chmod(0o755)
    done = one.vrrpctl("handover", check=False)
    assert done.returncode == 1
    assert "the handover is refused" in done.stderr, done.stderr
    assert "99" in done.stderr or fault != "version"
    assert one.pid() == pid and one.states()[1, 4] == "MASTER" and programs(one) == before


def test_what_is_tracked_counts_from_the_first_advert_on(run, xvrrpd):
    """A check takes longer than Backups wait, and without it the other router would be the better one."""
    check = run.directory / "check"
    check.write_text("#!/bin/sh\nsleep 1\n")
    check.chmod(0o755)
    blocks = f"vrrp_script chk {{\n script {check}\n interval 2\n weight 20\n}}\n"
    with Scene(run, 0.2, blocks, priority=100, extra=("track_script {", " chk", "}")) as scene:
        scene.begin()
        wait_until(lambda: scene.one.instance(1)["effective_priority"] == 120, 10, "the check")
        scene.two.start()
        scene.capture.wait(Advert, 10, now(), count=4, port="one", priority=120)
        since = now()
        for _ in range(3):
            scene.handover()
            scene.capture.wait(Advert, 10, now(), count=20, port="one", priority=120)
        assert scene.priorities(since) == {120}
        assert scene.priorities(since, "two") == set()
