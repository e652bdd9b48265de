# SPDX-License-Identifier: BSD-2-Clause
"""What a router tracks makes its priority or a fault: xvrrpd's as keepalived's, told by the same words in the same order."""

import os
import subprocess
import time

import pytest

from checks import wait_until
from fifo import Fifo
from lab.capture import now
from lab.packets import Advert
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MAKES = {"xvrrp": XvrrpRouter, "keepalived": KeepalivedRouter}
NAME = "eth0_v4_1"
UP, DOWN = ("BACKUP 100", "MASTER 100"), ("FAULT 100",)


def add_other(host):
    host.ip("link", "add", "other", "type", "veth", "peer", "name", "end")
    for interface in ("end", "other"):
        host.ip("link", "set", interface, "up")


class Scene:
    """One router, something that it tracks, and what it says of itself."""

    def __init__(self, run, make, blocks, lines, extra=(), priority=100):
        self.segment, self.fifo = Segment(run, {"one": 1}), Fifo(run)
        self.host = self.segment.hosts["one"]
        add_other(self.host)
        first = ("global_defs {\n script_user root\n vrrp_notify_priority_changes on\n"
                 f" notify_fifo {self.fifo.path}\n}}\n{blocks}\n")
        router = VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, priority=priority, extra=(*lines, *extra))
        self.router = MAKES[make](run, self.host, keepalived_conf([router], first))
        self.capture = self.segment.capture()
        self.told = []

    def __enter__(self):
        self.capture.__enter__()
        self.router.launch()
        return self

    def __exit__(self, *exception):
        self.capture.__exit__(*exception)

    def expect(self, *events, timeout=10):
        """What comes next from the pipe, without INSTANCE and the name."""
        self.told += [f'INSTANCE "{NAME}" {event}' for event in events]
        try:
            wait_until(lambda: len(self.fifo.lines()) >= len(self.told), timeout, " ".join(events))
        finally:
            assert self.fifo.lines() == self.told, self.router.log_tail()

    def advertises(self, priority):
        self.capture.wait(Advert, 10, now(), count=2, priority=priority)


def test_an_unweighted_script(run, make, flag, xvrrpd):
    flag.touch()
    with Scene(run, make, f"vrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 0.1\n}}",
               ("track_script {", " chk", "}")) as scene:
        scene.expect(*UP)
        for _ in range(2):
            flag.unlink()
            scene.expect(*DOWN)
            flag.touch()
            scene.expect(*UP)


def test_an_unweighted_script_that_fails_from_the_start(run, make, flag, xvrrpd):
    with Scene(run, make, f"vrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 0.1\n rise 5\n fall 5\n}}",
               ("track_script {", " chk", "}")) as scene:
        scene.expect(*DOWN)
        flag.touch()
        scene.expect(*UP)


WEIGHTS = {"-30": (100, 70), "30": (130, 100), "-200": (100, 1), "200": (254, 100)}
REVERSE = {"-30 reverse": (70, 100), "30 reverse": (100, 130)}  # which keepalived 2.2.7 does not heed


@pytest.mark.parametrize("make, weight", [*((make, weight) for make in MAKES for weight in WEIGHTS),
                                          *(("xvrrp", weight) for weight in REVERSE)])
def test_a_weighted_script(run, make, flag, weight, xvrrpd):
    """That is heard on the wire, without a transition."""
    up, down = (WEIGHTS | REVERSE)[weight]
    flag.touch()
    with Scene(run, make, f"vrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 0.1\n}}",
               ("track_script {", f" chk weight {weight}", "}")) as scene:
        scene.advertises(up)
        flag.unlink()
        scene.advertises(down)
        flag.touch()
        scene.advertises(up)
        assert [line.split()[2] for line in scene.fifo.lines() if "PRIORITY" not in line] == ["BACKUP", "MASTER"]
        assert [line.split()[2:] for line in scene.fifo.lines() if "MASTER_PRIORITY" in line][-2:] == [
            ["MASTER_PRIORITY", str(down)], ["MASTER_PRIORITY", str(up)]]


def test_init_fail(run, make, flag, xvrrpd):
    flag.touch()
    with Scene(run, make, f"vrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 1\n init_fail\n rise 3\n}}",
               ("track_script {", " chk", "}")) as scene:
        # keepalived says nothing of the FAULT that it begins in.
        scene.expect(*(DOWN if make == "xvrrp" else ()), *UP)


def test_a_script_that_hangs_has_failed(run, make, flag, xvrrpd):
    script = run.directory / "hang"
    script.write_text(f"#!/bin/sh\nif [ -e {flag} ]; then sleep 60; fi\n")
    script.chmod(0o755)
    with Scene(run, make, f"vrrp_script chk {{\n script {script}\n interval 0.2\n timeout 1\n}}",
               ("track_script {", " chk", "}")) as scene:
        scene.expect(*UP)
        flag.touch()
        scene.expect(*DOWN)
        flag.unlink()
        if make is XvrrpRouter:  # keepalived may tell the end of the one that hung after the next one's success
            scene.expect(*UP)


@pytest.mark.parametrize("line", ["other", "other weight 0 reverse"])
def test_an_interface(run, make, line, xvrrpd):
    with Scene(run, make, "", ("track_interface {", f" {line}", "}")) as scene:
        good, bad = ("up", "down") if line == "other" else ("down", "up")
        if line == "other":
            scene.expect(*UP)
        else:
            scene.expect(*DOWN)
            scene.host.ip("link", "set", "other", good)
            scene.expect(*UP)
        scene.host.ip("link", "set", "other", bad)
        scene.expect(*DOWN)
        scene.host.ip("link", "set", "other", good)
        scene.expect(*UP)


@pytest.mark.parametrize("weight, up, down", [("-40", 100, 60), ("40", 140, 100)])
def test_a_weighted_interface(run, make, weight, up, down, xvrrpd):
    with Scene(run, make, "", ("track_interface {", f" other weight {weight}", "}")) as scene:
        scene.advertises(up)
        scene.host.ip("link", "set", "other", "down")
        scene.advertises(down)
        scene.host.ip("link", "set", "other", "up")
        scene.advertises(up)


def test_an_interface_that_is_deleted_and_made_again(run, xvrrpd):
    with Scene(run, "xvrrp", "", ("track_interface {", " other weight -40", "}")) as scene:
        scene.advertises(100)
        scene.host.ip("link", "del", "other")
        scene.advertises(60)
        add_other(scene.host)
        scene.advertises(100)


@pytest.mark.parametrize("weight, numbers", [("1", {"0": 100, "-20": 80, "20": 120, "1000": 254}),
                                             ("-2", {"10": 80, "-10": 120}), ("1 reverse", {"10": 90})])
def test_a_file(run, make, flag, weight, numbers, xvrrpd):
    flag.write_text("0\n")
    with Scene(run, make, f"track_file number {{\n file {flag}\n}}",
               ("track_file {", f" number weight {weight}", "}")) as scene:
        for number, priority in numbers.items():
            flag.write_text(number + "\n")
            scene.advertises(priority)


def test_a_file_that_is_a_fault(run, make, flag, xvrrpd):
    flag.write_text("0\n")
    with Scene(run, make, f"track_file number {{\n file {flag}\n weight 0\n}}", ("track_file {", " number", "}")) as scene:
        scene.expect(*UP)
        flag.write_text("1\n")
        scene.expect(*DOWN)
        flag.write_text("0\n")
        scene.expect(*UP)


def test_a_file_that_is_replaced_deleted_and_made(run, flag, xvrrpd):
    with Scene(run, "xvrrp", f"track_file number {{\n file {flag}\n init_file -5\n}}",
               ("track_file {", " number", "}")) as scene:
        scene.advertises(95)
        assert flag.read_text() == "-5\n"
        other = flag.with_suffix(".new")
        other.write_text("-10\n")
        other.rename(flag)
        scene.advertises(90)
        flag.unlink()
        scene.advertises(100)
        flag.write_text("7")
        scene.advertises(107)


def test_a_process(run, xvrrpd):
    """keepalived cannot, in a network namespace."""
    name = f"xv{os.getpid()}"
    program = run.directory / name
    program.write_bytes(open("/usr/bin/sleep", "rb").read())
    program.chmod(0o755)
    with Scene(run, "xvrrp", f"vrrp_track_process it {{\n process {name}\n quorum 2\n}}",
               ("track_process {", " it", "}")) as scene:
        scene.expect(*DOWN)
        processes = [subprocess.Popen([program, "120"]) for _ in range(2)]
        try:
            scene.expect(*UP)
        finally:
            for process in processes:
                process.kill()
                process.wait()
        scene.expect(*DOWN)


def test_an_owner_heeds_no_weight(run, make, flag, xvrrpd):
    with Scene(run, make, "", ("track_interface {", " other weight -40", "}"), priority=255) as scene:
        scene.advertises(255)
        scene.host.ip("link", "set", "other", "down")
        since = now()
        scene.capture.wait(Advert, 10, since, count=5)
        assert {advert.priority for advert in scene.capture.select(Advert, since)} == {255}


def test_checks_end_with_the_daemon(run, flag, xvrrpd):
    flag.touch()
    script = run.directory / "hang"
    script.write_text(f"#!/bin/sh\necho $$ > {flag}\nexec sleep 100\n")
    script.chmod(0o755)
    scene = Scene(run, "xvrrp", f"vrrp_script chk {{\n script {script}\n interval 30\n weight 1\n}}",
                  ("track_script {", " chk", "}"))
    with scene:
        scene.expect(*UP)
        wait_until(lambda: flag.read_text().strip(), 10, "the script")
        pid = int(flag.read_text())
        scene.router.stop()
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 10, "its end")


def test_a_reload_keeps_what_is_known(run, flag, xvrrpd):
    flag.touch()
    block = f"vrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 0.1\n}}"
    with Scene(run, "xvrrp", block, ("track_script {", " chk", "}")) as scene:
        scene.expect(*UP)
        text = scene.router.file.read_text()
        scene.router.configure(text.replace("priority 100", "priority 90"))
        scene.router.reload()
        scene.advertises(90)
        flag.unlink()
        scene.expect("FAULT 90")
        scene.router.configure(text.replace("    chk\n", ""))
        scene.router.reload()
        scene.expect(*UP)


def test_status_tells_what_is_tracked(run, flag, xvrrpd):
    flag.write_text("-7\n")
    blocks = ("vrrp_script chk {\n script /bin/false\n interval 0.1\n weight -30\n}\n"
              f"track_file number {{\n file {flag}\n}}")
    with Scene(run, "xvrrp", blocks, (
            "track_script {", " chk", "}", "track_interface {", " other", "}", "track_file {", " number", "}")) as scene:
        scene.advertises(63)
        instance = scene.router.instance(1)
        assert instance["priority"] == 100 and instance["effective_priority"] == 63
        assert {thing["name"]: (thing["kind"], thing["up"], thing["weight"]) for thing in instance["tracked"]} == {
            "chk": ("script", False, -30), "other": ("interface", True, 0), "number": ("file", None, 1)}
        assert "63" in scene.router.vrrpctl("status").stdout


@pytest.fixture(params=MAKES)
def make(request):
    return request.param


@pytest.fixture
def flag(run):
    return run.directory / "flag"
