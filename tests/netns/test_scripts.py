# SPDX-License-Identifier: BSD-2-Clause
"""The process that runs scripts: what it is given is done, whatever happens to it, and nothing of it is left for ever."""

import os
import pathlib
import signal
import time

import pytest

from checks import wait_until
from lab import processes
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf
from test_metrics import MeteredRouter

NAME = "eth0_v4_1"


class Script:
    """Appends to a file what it does; `body` is sh, in which `say WORDS` does that."""

    def __init__(self, run, name, body):
        self.path, self.file = run.directory / f"{name}.sh", run.directory / f"{name}.said"
        self.path.write_text(f'#!/bin/sh\nsay() {{ echo "$*" >> {self.file}; }}\n{body}\n')
        self.path.chmod(0o755)
        self.file.touch()
        self.file.chmod(0o666)

    def said(self):
        return self.file.read_text().splitlines()


def single(run, words=(), first="", blocks="", make=XvrrpRouter):
    segment = Segment(run, {"one": 1})
    return make(run, segment.hosts["one"], blocks + keepalived_conf(
        [VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=tuple(words))],
        f"global_defs {{\n script_user root\n{first}\n}}\n"))


def helpers(router):
    return [pid for pid in processes.children(router.pid())
            if pathlib.Path(f"/proc/{pid}/comm").read_text() == "xvrrpd-scripts\n"]


def helper(router):
    return wait_until(lambda: helpers(router), 10, "the process that runs scripts")[0]


def is_alive(pid):
    return processes.start_time(pid) is not None


def kill_helper(router):
    """Returns when another one has taken its place."""
    killed = helper(router)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: [pid for pid in helpers(router) if pid != killed], 10, "another one")


def drain(router):
    router.vrrpctl("drain", NAME)


def undrain(router):
    router.vrrpctl("undrain", NAME)


# ---- it dies ----

def test_it_dies_idle(run, xvrrpd):
    script = Script(run, "all", "say $3")
    router = single(run, [f"notify {script.path}"])
    router.start()
    wait_until(lambda: script.said() == ["BACKUP", "MASTER"], 10, "MASTER")
    kill_helper(router)
    before = processes.cpu_ns(router.pid())
    drain(router)
    wait_until(lambda: script.said()[2:] == ["FAULT"], 10, "FAULT")
    assert "was ended by signal 9, was started anew" in router.log_tail(100)
    assert processes.cpu_ns(router.pid()) - before < 1e9  # nobody spins
    assert not [pid for pid in processes.children(router.pid()) if not is_alive(pid)], "no zombie is left"


def test_it_dies_again_and_again(run, xvrrpd):
    """The pause grows, so that nothing is busy with that alone."""
    script = Script(run, "all", "say $3")
    router = single(run, [f"notify {script.path}"])
    router.start()
    router.wait_state(10, "MASTER")
    for _ in range(3):
        kill_helper(router)
    for pause in (100, 200, 400):
        assert f"started anew in {pause} ms" in router.log_tail(100)
    drain(router)
    wait_until(lambda: "FAULT" in script.said(), 10, "FAULT")


CHECK = """vrrp_script chk {{
    script {path}
    interval 0.5
    timeout {timeout}
    fall 1
    rise 1
}}
"""


def test_it_dies_while_a_check_runs(run, xvrrpd):
    """What was up does not stay up for ever."""
    up, slow = run.directory / "up", run.directory / "slow"
    up.touch()
    check = Script(run, "chk", f"say runs; [ -e {slow} ] && sleep 1; [ -e {up} ]")
    router = single(run, ["track_script {", " chk", "}"], blocks=CHECK.format(path=check.path, timeout=3))
    router.start()
    router.wait_state(10, "MASTER")
    slow.touch()
    runs = len(check.said())
    wait_until(lambda: len(check.said()) > runs + 1, 10, "a slow check")
    up.unlink()
    kill_helper(router)
    router.wait_state(10, "FAULT")
    up.touch()
    router.wait_state(10, "MASTER")


def test_it_dies_while_a_script_runs(run, xvrrpd):
    """It is run once more, when the first one has ended, and what waits comes after it."""
    script = Script(run, "all", """trap 'say TERM; exit' TERM
        say begins $3
        [ $3 = FAULT ] && { sleep 1 & wait $!; }
        say ends $3""")
    router = single(run, [f"notify {script.path}"])
    router.start()
    wait_until(lambda: "ends MASTER" in script.said(), 10, "MASTER")
    drain(router)
    wait_until(lambda: "begins FAULT" in script.said(), 10, "FAULT")
    undrain(router)
    kill_helper(router)
    wait_until(lambda: script.said()[-1] == "ends MASTER", 10, "MASTER again")
    assert script.said()[4:] == ["begins FAULT", "TERM", *(
        f"{what} {state}" for state in ("FAULT", "BACKUP", "MASTER") for what in ("begins", "ends"))]


READER = """say begins $$
trap 'say TERM; exit 0' TERM
exec 3<> $1
while read -r line <&3; do say "$line"; done"""


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_it_dies_with_the_reader_of_a_pipe(run, user, xvrrpd):
    """Whoever it runs as, the reader ends with it; another one reads on."""
    reader, pipe = Script(run, "reader", READER), run.directory / "pipe"
    run.directory.chmod(0o755)
    router = single(run, first=f" notify_fifo {pipe} {user}\n notify_fifo_script {reader.path} {user}\n")
    router.start()
    wait_until(lambda: f'INSTANCE "{NAME}" MASTER 100' in reader.said(), 10, "MASTER")
    first = int(reader.said()[0].split()[1])
    kill_helper(router)
    wait_until(lambda: not is_alive(first), 10, "the first reader's end")
    drain(router)
    wait_until(lambda: f'INSTANCE "{NAME}" FAULT 100' in reader.said(), 10, "FAULT")
    words = [line.split()[0] for line in reader.said()]
    assert words.index("TERM") < len(words) - 1 - words[::-1].index("begins")


def test_it_dies_with_the_daemon(run, xvrrpd):
    """Then its script has at most its time."""
    script = Script(run, "all", "say begins $$; trap '' TERM; while :; do sleep 1; done")
    router = single(run, [f"notify {script.path}"], first=" notify_timeout 1")
    router.start()
    wait_until(script.said, 10, "a script")
    left = helper(router)
    os.kill(router.pid(), signal.SIGKILL)
    wait_until(lambda: not is_alive(left), 20, "the end of the process")
    assert not is_alive(int(script.said()[0].split()[1]))


def test_two_readers_never_share_a_pipe(run, xvrrpd):
    """That of a killed daemon, which takes its time to end, and that of the next."""
    reader = Script(run, "reader", READER.replace("say TERM; exit 0", "sleep 1; say TERM; exit 0"))
    router = single(run, first=f" notify_fifo {run.directory / 'pipe'}\n notify_fifo_script {reader.path}\n")
    router.start()
    wait_until(lambda: any("MASTER" in line for line in reader.said()), 10, "MASTER")
    os.kill(router.pid(), signal.SIGKILL)
    router.wait_exit()
    router.start()
    wait_until(lambda: sum(line.startswith("begins") for line in reader.said()) == 2, 15, "the other reader")
    words = [line.split()[0] for line in reader.said() if not line.startswith("INSTANCE")]
    assert words == ["begins", "TERM", "begins"]


# ---- it lives, but ----

def test_signals_are_not_for_it(run, xvrrpd):
    """`pkill -HUP xvrrpd` is how people reload."""
    script = Script(run, "all", "say $3; grep -E 'Sig(Blk|Ign)' /proc/self/status | while read -r _ mask; do say $mask; done")
    router = single(run, [f"notify {script.path}"])
    router.start()
    wait_until(lambda: len(script.said()) == 6, 10, "MASTER")
    first = helper(router)
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGBUS}:
        os.kill(first, number)
    for number in range(signal.SIGRTMIN, signal.SIGRTMAX + 1):
        os.kill(first, number)
    drain(router)
    wait_until(lambda: len(script.said()) == 9, 10, "FAULT")
    assert helper(router) == first
    assert script.said()[6] == "FAULT"
    # And scripts have none blocked or ignored, but for two of glibc's own, 32 and 33, which posix_spawn() ignores.
    assert all(int(line, 16) & ~(3 << 31) == 0 for line in script.said() if len(line) == 16)


def test_it_does_not_answer(run, xvrrpd):
    """A check without an answer has failed 5 s after its time; then the process is another one."""
    check = Script(run, "chk", "exit 0")
    router = single(run, ["track_script {", " chk", "}"], blocks=CHECK.format(path=check.path, timeout=1))
    router.start()
    router.wait_state(10, "MASTER")
    stopped = helper(router)
    os.kill(stopped, signal.SIGSTOP)
    wait_until(lambda: "FAULT" in router.log_tail(100), 15, "FAULT")
    router.wait_state(10, "MASTER")
    assert not is_alive(stopped)
    assert "the process that runs scripts does not answer" in router.log_tail(100)


@pytest.mark.seconds(120)
def test_a_script_that_hangs(run, xvrrpd):
    """It is ended with all it has started, and of what waits behind it the last state is told."""
    script = Script(run, "all", """say $3
        [ -e $0.hang ] || exit 0
        rm $0.hang
        trap '' TERM
        (while :; do sleep 1; done) &
        say child $!
        wait""")
    hang = pathlib.Path(f"{script.path}.hang")
    router = single(run, [f"notify {script.path}"], first=" notify_timeout 4", make=MeteredRouter)
    router.start()
    wait_until(lambda: script.said() == ["BACKUP", "MASTER"], 10, "MASTER")
    hang.touch()
    drain(router)
    wait_until(lambda: len(script.said()) == 4, 10, "the script that hangs")
    for _ in range(3):
        undrain(router)
        wait_until(lambda: router.state() == "MASTER", 5, "MASTER")
        drain(router)
        wait_until(lambda: router.state() == "FAULT", 5, "FAULT")
    child = int(script.said()[3].split()[1])
    wait_until(lambda: len(script.said()) == 5, 20, "the last state")
    assert script.said()[4] == "FAULT"
    assert not is_alive(child)
    log = router.log_tail(100)
    assert f"{script.path} took longer than 4 s (notify_timeout), and was ended" in log
    assert f"INSTANCE {NAME}: 8 runs of scripts were left out" in log
    assert router.status()["daemon"]["skipped_scripts"] == 8
    assert "\nxvrrp_scripts_skipped_total 8\n" in router.scrape()


def test_notify_timeout_counts_from_a_reload_on(run, xvrrpd):
    script = Script(run, "all", "say $3; [ $3 = FAULT ] && sleep 1000")
    router = single(run, [f"notify {script.path}"])
    router.start()
    wait_until(lambda: script.said() == ["BACKUP", "MASTER"], 10, "MASTER")
    router.configure(router.file.read_text().replace("script_user root", "script_user root\n notify_timeout 1"))
    router.vrrpctl("reload")
    drain(router)
    wait_until(lambda: "took longer than 1 s" in router.log_tail(100), 10, "its end")


@pytest.fixture
def pids_cgroup():
    """A cgroup with the pids controller, of whichever version."""
    for root in (pathlib.Path("/sys/fs/cgroup/pids"), pathlib.Path("/sys/fs/cgroup")):
        if not (root / "cgroup.procs").exists():
            continue
        group = root / f"xvrrp-test-{os.getpid()}"
        group.mkdir()
        if (group / "pids.max").exists():
            break
        group.rmdir()
    else:
        pytest.skip("no cgroup can limit the number of processes here")
    yield group
    (group / "pids.max").write_text("max")
    for pid in (group / "cgroup.procs").read_text().split():
        (group.parent / "cgroup.procs").write_text(pid)
    group.rmdir()


def test_no_process_can_be_made(run, pids_cgroup, xvrrpd):
    """For a while: all that happened meanwhile is told, in order. A check that cannot be run has failed."""
    script, check = Script(run, "all", "say $3"), Script(run, "chk", "exit 0")
    router = single(run, [f"notify {script.path}", "track_script {", " chk weight -50", "}"],
                    blocks=CHECK.format(path=check.path, timeout=1))
    router.start()
    wait_until(lambda: script.said() == ["BACKUP", "MASTER"], 10, "MASTER")
    (pids_cgroup / "cgroup.procs").write_text(str(helper(router)))
    (pids_cgroup / "pids.max").write_text("1")
    drain(router)
    wait_until(lambda: "cannot be run yet" in router.log_tail(100), 10, "a failure")
    undrain(router)
    wait_until(lambda: router.state() == "MASTER", 10, "MASTER")
    wait_until(lambda: "vrrp_script chk is down" in router.log_tail(100), 10, "the check's failure")
    assert script.said() == ["BACKUP", "MASTER"]
    (pids_cgroup / "pids.max").write_text("max")
    wait_until(lambda: script.said()[2:] == ["FAULT", "BACKUP", "MASTER"], 10, "all that happened")
    wait_until(lambda: "vrrp_script chk is up" in router.log_tail(100), 10, "the check")


# ---- much to do ----

@pytest.mark.seconds(180)
def test_many_routers_change_together(run, xvrrpd):
    """Each is told of, though the socket has no room for all of it at once; the log is spared what they all say."""
    script = Script(run, "all", "say $2 $3; exit 3")
    segment = Segment(run, {"one": 1})
    count = 250
    router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(vrid, (f"10.9.0.{vrid}/32",), interval=1, extra=(f"notify {script.path}",))
         for vrid in range(1, count + 1)], "global_defs {\n script_user root\n}\n"))
    router.start(30)
    wait_until(lambda: len(script.said()) == 2 * count, 60, "all are Master")
    segment.hosts["one"].ip("link", "set", "eth0", "down")
    wait_until(lambda: len(script.said()) == 3 * count, 60, "all are in FAULT")
    assert sorted(script.said()) == sorted(f"eth0_v4_{vrid} {state}" for vrid in range(1, count + 1)
                                           for state in ("BACKUP", "MASTER", "FAULT"))
    log = [line for line in router.log.read_text().splitlines() if f"{script.path} ended with exit code 3" in line]
    assert 0 < len(log) < count and any("lines like it were left out" in line for line in log)


@pytest.mark.seconds(120)
def test_many_checks(run, xvrrpd):
    """All are run, again and again; that the daemon stood still for a while is nobody's failure."""
    count = 400
    blocks = "".join(f"vrrp_script c{number} {{\n script /bin/true\n interval 2\n timeout 30\n fall 1\n}}\n"
                     for number in range(count))
    router = single(run, ["track_script {", *(f" c{number}" for number in range(count)), "}"], blocks=blocks)
    router.start(30)
    router.wait_state(60, "MASTER")
    os.kill(router.pid(), signal.SIGSTOP)
    time.sleep(2.5)  # in which all become due
    os.kill(router.pid(), signal.SIGCONT)
    ran = lambda: sum(int(line.split()[1]) for line in pathlib.Path("/proc/stat").read_text().splitlines()
                      if line.startswith("processes"))
    before = ran()
    wait_until(lambda: ran() - before > 2 * count, 60, "two more rounds of checks")
    assert router.state() == "MASTER"
    assert "[error]" not in router.log.read_text() and "is down" not in router.log.read_text()


# ---- what scripts get ----

@pytest.mark.parametrize("user, home", [("root", "/root"), ("nobody", "/nonexistent")])
def test_the_environment(run, user, home, xvrrpd, monkeypatch):
    """Nothing of the daemon's but PATH, LANG and TZ."""
    for name in ("SECRET", "LD_AUDIT", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "IFS", "NOTIFY_SOCKET", "HOME", "USER"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    said = run.directory / "said"
    said.touch()
    said.chmod(0o666)
    run.directory.chmod(0o755)
    program = run.directory / "environment"
    program.write_text(f"#!/usr/bin/python3 -I\nimport os\nfor name in os.environ: "
                       f"print(name, os.environ[name], sep='=', file=open('{said}', 'a'))\n"
                       f"print('end', *os.listdir('/proc/self/fd'), file=open('{said}', 'a'))\n")
    program.chmod(0o755)
    router = single(run, [f"notify_master {program} {user}"])
    router.start()
    wait_until(lambda: "end" in said.read_text(), 10, "the script")
    environment = dict(line.split("=", 1) for line in said.read_text().splitlines() if "=" in line)
    environment.pop("LC_CTYPE", None)  # python's own
    assert environment == {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "Europe/Berlin", "HOME": home,
                           "USER": user, "LOGNAME": user}


# ---- the daemon's end ----

def test_the_end_waits_for_notify_stop(run, xvrrpd):
    """And for that only: what else waits is not run any more."""
    script = Script(run, "all", "say begins $3; sleep 0.7; say ends $3")
    router = single(run, [f"notify {script.path}"])
    router.start()
    router.wait_state(10, "MASTER")
    assert router.stop(20) == 0
    said = script.said()
    assert said[-2:] == ["begins STOP", "ends STOP"]
    assert said[0] == "begins BACKUP" and "begins FAULT" not in said


def test_an_end_with_scripts_that_hang(run, xvrrpd):
    script = Script(run, "all", "say $$; trap '' TERM; while :; do sleep 1; done")
    router = single(run, [f"notify {script.path}"], first=" notify_timeout 1")
    router.start()
    wait_until(script.said, 10, "a script")
    left = helper(router)
    assert router.stop(30) == 0
    assert not is_alive(left)
    assert not [pid for pid in script.said() if is_alive(int(pid))]


def test_a_handover_goes_on_with_what_runs(run, xvrrpd):
    """One process runs the scripts before and after it, and none is lost or run twice; the pipe keeps its reader."""
    script = Script(run, "all", "say begins $3; sleep 1; say ends $3")
    reader = Script(run, "reader", READER)
    router = single(run, [f"notify {script.path}"],
                    first=f" notify_fifo {run.directory / 'pipe'}\n notify_fifo_script {reader.path}\n")
    router.start()
    wait_until(lambda: "ends MASTER" in script.said(), 10, "MASTER")
    first = helper(router)
    drain(router)
    wait_until(lambda: "begins FAULT" in script.said(), 10, "FAULT")
    undrain(router)
    wait_until(lambda: router.state() == "MASTER", 10, "MASTER")
    router.vrrpctl("handover")
    wait_until(lambda: script.said()[-1] == "ends MASTER" and len(script.said()) > 8, 10, "all that waited")
    drain(router)
    wait_until(lambda: script.said()[-1] == "ends FAULT", 10, "FAULT again")
    assert script.said() == [f"{what} {state}" for state in ("BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "FAULT")
                             for what in ("begins", "ends")]
    assert helpers(router) == [first]
    wait_until(lambda: sum("FAULT" in line for line in reader.said()) == 2, 10, "the reader")
    assert sum(line.startswith("begins") for line in reader.said()) == 1
