# SPDX-License-Identifier: BSD-2-Clause
"""enable_script_security: what root runs cannot be exchanged by anybody else, neither before a start nor after it."""

import os

import pytest

from checks import wait_until
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

NOBODY = 65534
UNSAFE = "not only root may write to"


class Program:
    """A script in a directory, which both are root's; it says under which name it runs."""

    def __init__(self, run):
        self.said = run.directory / "said"
        self.directory = run.directory / "programs"
        self.directory.mkdir(mode=0o755)
        self.path = self.directory / "program.sh"
        self.write(self.path, "good")

    def write(self, path, word):
        path.write_text(f'#!/bin/sh\necho "{word} $0 $1" >> {self.said}\n')
        path.chmod(0o755)

    def lines(self):
        return self.said.read_text().splitlines() if self.said.exists() else []


@pytest.fixture
def program(run):
    return Program(run)


@pytest.fixture
def elsewhere(run):
    """The directory of another user."""
    path = run.directory / "elsewhere"
    path.mkdir(mode=0o755)
    os.chown(path, NOBODY, NOBODY)
    return path


def router_with(run, words=(), first="", before=""):
    segment = Segment(run, {"one": 1})
    return XvrrpRouter(run, segment.hosts["one"], keepalived_conf(
        [VirtualRouter(1, ("192.0.2.100/32",), interval=0.1, extra=words)],
        f"global_defs {{\n enable_script_security\n script_user root\n{first}}}\n{before}"))


def test_a_link_in_a_directory_of_another_user(run, program, elsewhere, xvrrpd):
    """It leads to root's file; who may exchange the link may run anything."""
    link = elsewhere / "link"
    link.symlink_to(program.path)
    fifo = run.directory / "pipe"
    router = router_with(run, (f'notify_master "{link} notify" root', "track_script {\n chk\n}"),
                         f" notify_fifo {fifo}\n notify_fifo_script {link}\n",
                         f"vrrp_script chk {{\n script {link}\n user root\n}}\n")
    router.start()
    router.wait_state(10, "MASTER")
    assert router.log_tail(100).count(f'{UNSAFE} {elsewhere}') == 3, "notify script, check, reader"
    router.stop()
    assert program.lines() == []


@pytest.mark.parametrize("there", ["..", "."])
def test_links_that_only_root_can_exchange(run, program, there, xvrrpd):
    """A program runs under its real name; a link may be a part of the way, and lead through another one."""
    (program.directory / "first").symlink_to(f"{there}/{program.directory.name if there == '..' else ''}")
    (program.directory / "second").symlink_to(program.directory / "first" / "program.sh")
    router = router_with(run, (f'notify_master "{program.directory}/second one" root',))
    router.start()
    wait_until(lambda: program.lines() == [f"good {program.path} one"], 10, "the script")
    assert UNSAFE not in router.log_tail(100)


@pytest.mark.parametrize("what", ["directory", "file", "link"])
def test_what_becomes_unsafe_is_not_run_any_more(run, program, elsewhere, what, xvrrpd):
    """The file is looked at when it runs, not only when the configuration is read."""
    link = program.directory / "link"
    link.symlink_to(program.path)
    router = router_with(run, (f'notify_master "{link} master" root', f'notify_fault "{link} fault" root',
                               "track_script {\n chk\n}"),
                         before=f'vrrp_script chk {{\n script "{link} check"\n interval 1\n user root\n}}\n')
    router.start()
    wait_until(lambda: any("master" in line for line in program.lines()), 10, "the script")
    if what == "directory":
        os.chown(program.directory, NOBODY, NOBODY)
    elif what == "file":
        program.path.chmod(0o757)
    else:
        program.write(elsewhere / "evil.sh", "evil")
        link.unlink()
        link.symlink_to(elsewhere / "evil.sh")
    wait_until(lambda: router.state() == "FAULT", 10, "the check to fail")
    wait_until(lambda: f"{link} was not run, as enable_script_security is set: {UNSAFE}" in router.log_tail(100), 10,
               "the reason")
    assert not any("fault" in line or "evil" in line for line in program.lines())


def test_who_is_not_root_may_own_what_he_runs(run, program, elsewhere, xvrrpd):
    script = elsewhere / "own.sh"
    program.write(script, "own")
    program.said.touch()
    os.chown(program.said, NOBODY, NOBODY)
    run.directory.chmod(0o755)
    router = router_with(run, (f'notify_master "{script} nobody" nobody',))
    router.start()
    wait_until(lambda: program.lines() == [f"own {script} nobody"], 10, "the script")
