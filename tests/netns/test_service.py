# SPDX-License-Identifier: BSD-2-Clause
"""What xvrrpd tells systemd (sd_notify), and how little of root it needs."""

import os
import signal
import socket

import pytest

from checks import wait_until
from lab import processes
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

WATCHDOG_S = 4
# Of packaging/systemd/hardening.conf.
CAPABILITIES = "bpf perfmon net_admin net_raw sys_nice ipc_lock setuid setgid kill chown"


class Manager:
    """systemd's end: a socket that takes what a service says."""

    def __init__(self, run):
        self.path = run.directory / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self.path))
        self.said = []

    def lines(self):
        while True:
            try:
                self.said.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return self.said

    def count(self, message):
        return self.lines().count(message)

    def wait(self, message, count=1):
        wait_until(lambda: self.count(message) >= count, 15, lambda: f"{message!r}: {self.said}")


@pytest.fixture
def service(run, xvrrpd):
    """A Master and what its manager hears."""
    segment = Segment(run, {"one": 1})
    manager = Manager(run)
    router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf([VirtualRouter(1, ("192.0.2.100/32",), interval=0.1)]))
    environment = ["env", f"NOTIFY_SOCKET={manager.path}", f"WATCHDOG_USEC={WATCHDOG_S * 1_000_000}"]
    bounds = ["setpriv", "--no-new-privs", "--bounding-set", ",".join(["-all", *(f"+{name}" for name in CAPABILITIES.split())])]
    router.argv = lambda made=router.argv: [*bounds, *environment, *made()]
    router.start()
    yield router, manager
    if router.is_running():
        processes.send_signal(router.pid(), signal.SIGCONT)


def test_a_service_tells_how_it_is(service):
    """With no more of root than the unit leaves it."""
    router, manager = service
    manager.wait("READY=1")
    manager.wait("STATUS=1 MASTER")
    assert "STATUS=1 MASTER" not in manager.said[:manager.said.index("READY=1")]
    realtime = router.status()["daemon"]
    assert realtime["realtime"], realtime["realtime_warning"]

    router.vrrpctl("reload")
    manager.wait("READY=1", 2)
    [reloading] = [said for said in manager.said if said.startswith("RELOADING=1\nMONOTONIC_USEC=")]
    assert manager.said.index(reloading) < len(manager.said) - 1 - manager.said[::-1].index("READY=1")
    router.namespace.set_link("eth0", up=False)
    manager.wait("STATUS=1 FAULT")
    router.namespace.set_link("eth0", up=True)

    pid = router.pid()
    router.vrrpctl("handover")
    manager.wait("READY=1", 3)
    assert router.pid() == pid == router.status()["daemon"]["pid"]
    assert router.stop() == 0
    assert manager.count("STOPPING=1") == 1


@pytest.mark.seconds(60)
def test_a_sign_of_life_is_one_of_both_threads(service):
    router, manager = service
    manager.wait("WATCHDOG=1", 3)
    [election] = [thread for thread in os.listdir(f"/proc/{router.pid()}/task") if os.sched_getscheduler(int(thread)) & 0xff == os.SCHED_FIFO]
    tracer = router.namespace.enter("strace", "-qq", "-p", election, "-e", "trace=epoll_pwait2", "-e",
                                     "inject=epoll_pwait2:delay_enter=60000000")
    stuck = router._run.spawn(tracer, router.log.with_suffix(".strace"))
    manager.wait("WATCHDOG=1", manager.count("WATCHDOG=1") + 1)
    quiet = wait_until(lambda: _silent(manager, 2 * WATCHDOG_S), 40, "silence")
    assert quiet and router.status() is not None, "the manager thread is there, and says nothing"
    processes.send_signal(stuck.pid, signal.SIGKILL)
    stuck.wait(10)


def _silent(manager, seconds):
    """Whether there is no sign of life for so long."""
    before = manager.count("WATCHDOG=1")
    try:
        wait_until(lambda: manager.count("WATCHDOG=1") > before, seconds)
    except AssertionError:
        return True
    return False
