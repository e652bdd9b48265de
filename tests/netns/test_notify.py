# SPDX-License-Identifier: BSD-2-Clause
"""Scripts and named pipes are told of every change of state, by xvrrpd in the same words as by keepalived."""

import itertools
import os
import select
import stat
import time
from dataclasses import replace

import pytest

from checks import wait_until
from fifo import Fifo
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.run import Run
from lab.segment import Segment
from lab.speaker import Message, Speaker
from lab.virtual_routers import VirtualRouter, keepalived_conf

MEMBERS = {"one": 1, "two": 2}
MAKES = {"xvrrp": XvrrpRouter, "keepalived": KeepalivedRouter}


class Told:
    """A script that appends its arguments to a file, and takes its time for that."""

    _names = itertools.count()  # a script that hangs outlives its test, and would write into the next one's file

    def __init__(self, run, delay=0.0):
        number = next(self._names)
        self.script, self.file = run.directory / f"told{number}.sh", run.directory / f"told{number}"
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
    """Slow ones too."""
    told = Told(run, delay=0.3)
    _segment, router = single(run, XvrrpRouter, told.words())
    router.start()
    wait_until(lambda: len(told.lines()) == 4, 10, "BACKUP and MASTER")
    router.stop()
    assert told.lines() == [line for state in ("BACKUP", "MASTER", "STOP") for line in (
        f"{state.lower()},a b", f"all,INSTANCE,eth0_v4_1,{state},100")]


def test_a_script_that_hangs_holds_up_nothing(run, xvrrpd):
    told = Told(run, delay=20)
    fifo = Fifo(run)
    _segment, router = single(run, XvrrpRouter, told.words(), fifo, " notify_timeout 1\n")
    router.start()
    router.wait_state(10, "MASTER")
    since = time.monotonic()
    assert router.stop() == 0
    assert time.monotonic() - since < 10
    assert fifo.lines()[-1].endswith("STOP 100")


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("words, owner", [("", ("root", "root")), ("nobody", ("nobody", "nogroup")),
                                          ("nobody tty", ("nobody", "tty"))], ids=["script_user", "user", "group"])
def test_a_pipe_that_is_not_there_is_made_and_taken_away(run, make, words, owner, xvrrpd):
    """Its owner's alone: the script_user's unless it names one."""
    path = run.directory / "made"
    _segment, router = single(run, MAKES[make], (), first=f" vrrp_notify_fifo {path} {words}\n")
    router.start()
    wait_until(path.is_fifo, what="the pipe")
    wait_until(lambda: (path.owner(), path.group()) == owner, what="its owner")
    assert path.stat().st_mode & 0o777 == 0o600
    router.stop()
    assert not path.exists()


class Reader:
    """A program that writes down what it reads from a pipe, and how it ends."""

    def __init__(self, run):
        self.script, self.file = run.directory / "reader.sh", run.directory / "read"
        self.script.write_text(f"""#!/bin/sh
            echo "begins $(id -u) $*" >> {self.file}
            trap 'echo TERM >> {self.file}; exit 0' TERM
            for pipe; do :; done
            exec 3<> $pipe  # never at its end
            while read -r line <&3; do echo "$line" >> {self.file}; done
            """)
        self.script.chmod(0o755)

    def lines(self):
        return self.file.read_text().splitlines() if self.file.exists() else []


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("word", ["notify_fifo", "vrrp_notify_fifo"])
def test_the_reader_of_a_pipe(run, make, word, xvrrpd):
    """It gets the pipe's path, every line, and SIGTERM in the end."""
    reader, path = Reader(run), run.directory / "pipe"
    _segment, router = single(run, MAKES[make], (), first=f""" {word} {path}
        {word}_script "{reader.script} 'a b' c" root
        """)
    router.start()
    wait_until(lambda: 'INSTANCE "eth0_v4_1" MASTER 100' in reader.lines(), 10, "MASTER")
    router.stop()
    wait_until(lambda: "TERM" in reader.lines(), 10, "its end")
    told = [line for line in reader.lines() if not line.endswith("STOP 100")]  # for which keepalived may give it no time
    assert told == [f"begins 0 a b c {path}", 'INSTANCE "eth0_v4_1" BACKUP 100', 'INSTANCE "eth0_v4_1" MASTER 100', "TERM"]
    if make == "xvrrp":
        assert reader.lines()[-2].endswith("STOP 100")


def test_a_reload_starts_another_reader_only(run, xvrrpd):
    reader, path = Reader(run), run.directory / "pipe"
    _segment, router = single(run, XvrrpRouter, (), first=f" notify_fifo {path}\n notify_fifo_script {reader.script}\n")
    router.start()
    router.wait_state(10, "MASTER")
    router.configure(router.file.read_text().replace("priority 100", "priority 101"))
    router.reload()
    wait_until(lambda: router.status()["instances"][0]["priority"] == 101, 10, "the reload")
    router.configure(router.file.read_text().replace(f"{reader.script}", f'"{reader.script} again"'))
    router.reload()
    wait_until(lambda: f"begins 0 again {path}" in reader.lines(), 10, "the other reader")
    wait_until(lambda: "TERM" in reader.lines(), 10, "the first one's end")
    assert [line for line in reader.lines() if line.startswith("begins")] == [f"begins 0 {path}", f"begins 0 again {path}"]
    router.configure(router.file.read_text().replace("notify_fifo_script", "#"))
    router.reload()
    wait_until(lambda: reader.lines().count("TERM") == 2, 10, "the other one's end")


def test_a_reader_ends_with_a_killed_daemon(run, xvrrpd):
    reader = Reader(run)
    _segment, router = single(run, XvrrpRouter, (), first=f" notify_fifo {run.directory / 'pipe'}\n"
                                                          f" notify_fifo_script {reader.script}\n")
    router.start()
    wait_until(reader.lines, 10, "the reader")
    router.kill()
    wait_until(lambda: "TERM" in reader.lines(), 10, "its end")


@pytest.mark.parametrize("make", MAKES)
def test_a_master_that_hears_adverts_that_lose(run, told, make, xvrrpd):
    """Each is told of, also one of the same priority from a lower address, but none of priority 0."""
    fifo = Fifo(run)
    segment = Segment(run, {"one": 5, "rival": 2})
    router = MAKES[make](run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(1, ("192.0.2.100/32",), interval=0.2, extra=(
            f'notify_master_rx_lower_pri "{told.script} lower" root', f'notify "{told.script} all" root'))],
        f"global_defs {{\n script_user root\n notify_fifo {fifo.path}\n}}\n"))
    router.start()
    wait_until(lambda: len(told.lines()) == 2, 10, "BACKUP and MASTER")
    advert = Message(1, ("192.0.2.100",), segment.address("rival"), interval=20)
    with Speaker(segment.hosts["rival"], "eth0") as rival:
        for number, priority in enumerate((50, 50, 99, 100), start=1):
            rival.say(replace(advert, priority=0))
            rival.say(replace(advert, priority=priority))
            wait_until(lambda: told.lines()[2:] == ["lower"] * number, 5, f"advert {number}")
    assert fifo.lines() == [f'INSTANCE "eth0_v4_1" {event} 100' for event in
                            ("BACKUP", "MASTER", *["MASTER_RX_LOWER_PRI"] * 4)]


def test_a_slow_script_for_adverts_that_lose_has_no_backlog(run, xvrrpd):
    """While it runs it is to be run once more, however many come."""
    told, fifo = Told(run, delay=0.5), Fifo(run)
    segment = Segment(run, {"one": 5, "rival": 2})
    router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(1, ("192.0.2.100/32",), interval=0.2, extra=(
            f'notify_master_rx_lower_pri "{told.script} lower" root', f'notify_stop "{told.script} stop" root'))],
        f"global_defs {{\n script_user root\n notify_fifo {fifo.path}\n}}\n"))
    router.start()
    router.wait_state(10, "MASTER")
    with Speaker(segment.hosts["rival"], "eth0") as rival:
        for _ in range(20):
            rival.say(Message(1, ("192.0.2.100",), segment.address("rival"), priority=50, interval=20))
    wait_until(lambda: sum("LOWER" in line for line in fifo.lines()) == 20, 5, "all adverts")
    wait_until(lambda: told.lines() == ["lower", "lower"], 5, "the one that waited")
    router.stop()
    assert told.lines() == ["lower", "lower", "stop"]


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


NOBODY = 65534


@pytest.mark.parametrize("make, words, why", [
    (lambda path: os.mkfifo(path) or os.chown(path, NOBODY, NOBODY), "", "it belongs to user 65534"),
    (lambda path: os.mkfifo(path) or path.chmod(0o622), "", "others than its owner may write to it"),
    (lambda path: os.mkfifo(path) or path.chmod(0o662) or os.chown(path, 0, NOBODY), "", "others than its owner may write"),
    (lambda path: os.mkfifo(path) or path.chmod(0o660) or os.chown(path, 0, NOBODY), "", "others than its owner may write"),
    (lambda path: os.mkfifo(path) or os.chown(path, 1, 1), "nobody", "it belongs to user 1"),
    (lambda path: os.mkfifo(f"{path}.real") or path.symlink_to(f"{path}.real"), "", "it is a symbolic link"),
    (lambda path: os.mkfifo(f"{path}.real") or os.link(f"{path}.real", path), "", "it has other names"),
    (lambda path: path.write_text("mine"), "", "it is no named pipe"),
    (lambda path: os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3)), "", "it is no named pipe"),
], ids=["owner", "world", "both", "group", "other", "link", "names", "file", "device"])
def test_a_pipe_in_which_others_can_speak_is_refused(run, make, words, why, xvrrpd):
    """It is left alone; once it is all right, the next reload uses it."""
    path = run.directory / "pipe"
    make(path)
    before = path.lstat()
    _segment, router = single(run, XvrrpRouter, (), first=f" vrrp_notify_fifo {path} {words}\n")
    router.start()
    router.wait_state(10, "MASTER")
    assert f"notify_fifo {path}: {why}" in router.log_tail(100)
    after = path.lstat()
    assert (after.st_ino, after.st_mode, after.st_uid) == (before.st_ino, before.st_mode, before.st_uid)
    if path.is_file() and not path.is_symlink():
        assert path.read_text() == "mine"
    path.unlink()
    fifo = Fifo(run, "pipe")
    router.configure(router.file.read_text().replace("priority 100", "priority 101"))
    router.reload()
    wait_until(lambda: router.status()["instances"][0]["priority"] == 101, 10, "the reload")
    router.stop()
    wait_until(lambda: fifo.lines()[-1:] == ['INSTANCE "eth0_v4_1" STOP 101'], 10, "the pipe")


@pytest.mark.parametrize("make, words", [
    (lambda path: os.mkfifo(path, 0o600) or os.chown(path, NOBODY, NOBODY), "nobody"),
    (lambda path: os.mkfifo(path) or path.chmod(0o620) or os.chown(path, 0, 5), "root tty"),
    (lambda path: os.mkfifo(path) or path.chmod(0o644), "nobody"),
], ids=["its user", "its group", "root"])
def test_a_pipe_of_whom_the_configuration_names(run, make, words, xvrrpd):
    path = run.directory / "pipe"
    make(path)
    reader = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    _segment, router = single(run, XvrrpRouter, (), first=f" notify_fifo {path} {words}\n")
    router.start()
    wait_until(lambda: select.select([reader], [], [], 0)[0], 10, "a line")
    os.close(reader)
    router.stop()
    assert path.is_fifo(), "it was not ours to remove"


def test_what_stands_where_our_pipe_was_stays(run, xvrrpd):
    path = run.directory / "pipe"
    _segment, router = single(run, XvrrpRouter, (), first=f" notify_fifo {path}\n")
    router.start()
    wait_until(path.is_fifo, 10, "the pipe")
    path.unlink()
    path.write_text("somebody else's")
    router.stop()
    assert path.read_text() == "somebody else's"
