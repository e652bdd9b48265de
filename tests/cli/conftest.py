# SPDX-License-Identifier: BSD-2-Clause
"""A host with one interface, a wire to it, and vrrpctl in the host. Everything carries the run's prefix and goes with it."""

import contextlib
import itertools
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).parent)]

from lab.namespaces import cable, delete_namespace  # noqa: E402
from lab.run import PINS, STATE, Run, remove_instance_files  # noqa: E402

BIN = pathlib.Path(os.environ.get("XVRRP_BIN_DIR", ROOT / "build/dev/bin"))
VRRPCTL, XVRRPD = str(BIN / "vrrpctl"), str(BIN / "xvrrpd")
_ETH_P_ALL = 0x0003
_numbers = itertools.count(1)


def run_vrrpctl(*arguments, prefix=(), **options):
    """vrrpctl to its end. `prefix` is what runs it: nsenter, setpriv."""
    return subprocess.run([*prefix, VRRPCTL, *arguments], capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL, **options)


def refused(done, code, *words):
    """The command failed with this code, a line on stderr that has the words, and nothing on stdout."""
    assert done.returncode == code, done
    assert done.stdout == ""
    line = done.stderr.splitlines()[-1]
    assert line.startswith("vrrpctl: "), line
    for word in words:
        assert word in line
    return line


class Host:
    """One network interface, eth0, whose wire ends at `wire`; and an instance name nobody else uses."""

    interface = "eth0"

    def __init__(self, run):
        number = next(_numbers)
        self._run = run
        self.namespace, self.wire = run.namespace(f"host{number}"), run.namespace(f"wire{number}")
        cable(self.namespace, self.interface, self.wire, "peer")
        self.namespace.ip("addr", "add", "192.168.1.11/24", "dev", self.interface)
        self.instance = self.namespace.name
        self._sending = self.wire.inside(self._open, "peer")

    @staticmethod
    def _open(interface):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        raw.bind((interface, 0))
        return raw

    def vrrpctl(self, *arguments, **options):
        return run_vrrpctl("--instance", self.instance, *arguments, prefix=self.namespace.enter(), **options)

    def load(self, *arguments):
        done = self.vrrpctl("load", self.interface, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def json(self, *arguments):
        done = self.vrrpctl(*arguments, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def send(self, *frames):
        """From the wire to the interface."""
        for frame in frames:
            self._sending.send(bytes(frame))
        time.sleep(0.05)  # the receiving side runs in a softirq of its own

    def listen(self):
        """A raw socket for VRRP on the host, as another VRRP daemon has it."""
        def raw():
            listening = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
            listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                 socket.inet_aton("224.0.0.18") + socket.inet_aton("192.168.1.11"))
            listening.setblocking(False)
            return listening
        return self.namespace.inside(raw)

    def tap(self):
        """A packet socket on the interface: sees whatever XDP lets through."""
        def packets():
            tapping = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            tapping.bind((self.interface, _ETH_P_ALL))
            tapping.setblocking(False)
            return tapping
        return self.namespace.inside(packets)

    @property
    def pins(self):
        return PINS / self.instance

    def has_xdp(self):
        return "prog/xdp" in self.namespace.ip("link", "show", self.interface)

    def leaves_nothing(self):
        return not self.has_xdp() and not self.pins.exists() and not list(STATE.glob(f"{self.instance}.*"))

    def start_xvrrpd(self, directory):
        """A real daemon for VRID 150 on the interface, once it answers."""
        file = directory / "xvrrp.conf"
        file.write_text("vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 150\n priority 100\n"
                        " virtual_ipaddress {\n  192.168.1.13/24\n }\n}\n")
        daemon = self._run.spawn(
            self.namespace.enter(XVRRPD, "-n", "-f", str(file), "--instance", self.instance),
            directory / "xvrrpd.log")
        deadline = time.monotonic() + 10
        while self.vrrpctl("status").returncode != 0:
            assert daemon.poll() is None and time.monotonic() < deadline, (directory / "xvrrpd.log").read_text()
            time.sleep(0.05)
        return daemon

    def close(self):
        self._sending.close()
        remove_instance_files(self.instance)
        for namespace in (self.namespace, self.wire):
            delete_namespace(namespace.name)


@pytest.fixture(scope="session")
def lab():
    with Run() as run:
        yield run


@pytest.fixture
def host(lab):
    with contextlib.closing(Host(lab)) as made:
        yield made


def received(listening):
    """All that waits in a non-blocking socket."""
    packets = []
    with contextlib.suppress(BlockingIOError):
        while True:
            packets.append(listening.recv(2048))
    return packets
