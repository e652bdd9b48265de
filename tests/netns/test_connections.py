# SPDX-License-Identifier: BSD-2-Clause
"""docs/connections.md: a TCP transfer through NAT goes on over every kind of takeover, and back.

    client --- lan --- left, right --- far --- server
                         \\-- sync --/
"""

import contextlib
import json
import pathlib
import re
import socket
import threading

import pytest

from checks import wait_until
from lab.namespaces import cable
from lab.segment import Segment
from machines import Machine

GUIDE = (pathlib.Path(__file__).resolve().parents[2] / "docs/connections.md").read_text()
INSIDE, OUTSIDE = "192.0.2.1", "198.51.100.1"
NUMBERS = {"left": 1, "right": 2}  # on the link between them
PORT = 5000


def block(word):
    """The indented block of the guide that has this word, as an operator copies it."""
    [found] = [part for part in re.findall(r"(?:^    .*\n)+", GUIDE, re.M) if word in part]
    return "".join(line[4:] for line in found.splitlines(keepends=True))


class Transfer:
    """Bytes from the server to the client, who opened the connection; each is as expected. In this direction a successor that does
    not know the connection refuses it: from the client's own packets it could guess it again."""

    PATTERN = bytes(range(251)) * 64

    def __init__(self, client, server):
        def listen():
            listener = socket.create_server(("0.0.0.0", PORT))
            listener.settimeout(20)
            return listener

        def connect():
            return socket.create_connection((f"{Network.SERVER}", PORT), timeout=20)

        listener = server.inside(listen)
        self._receiving = client.inside(connect)
        self._sending, (self.source, _port) = listener.accept()
        listener.close()
        self.received, self.problem = 0, None
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._guard, args=(work,), daemon=True) for work in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    def _guard(self, work):
        try:
            work()
        except (OSError, ValueError) as error:
            if not self._ending.is_set():
                self.problem = error

    def _send(self):
        while not self._ending.wait(0.002):
            self._sending.sendall(self.PATTERN)

    def _receive(self):
        self._receiving.settimeout(60)
        while not self._ending.is_set():
            data = self._receiving.recv(65536)
            if not data:
                raise ValueError("the connection has ended")
            start = self.received % 251
            if data != (self.PATTERN * (len(data) // len(self.PATTERN) + 2))[start:start + len(data)]:
                raise ValueError(f"other bytes after {self.received}")
            self.received += len(data)

    def goes_on(self):
        """Waits for a megabyte more."""
        wanted = self.received + 1_000_000
        wait_until(lambda: self.problem or self.received >= wanted, 30, lambda: f"more than {self.received} bytes")
        assert self.problem is None, self.problem

    def end(self):
        self._ending.set()
        for end in (self._sending, self._receiving):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # wakes who waits
        for thread in self._threads:
            thread.join(10)
        for end in (self._sending, self._receiving):
            end.close()


class Network:
    SERVER = "198.51.100.9"

    def __init__(self, run):
        self.lan = Segment(run, {"left": 251, "right": 252, "client": 9})
        hosts = {name: self.lan.hosts[name] for name in NUMBERS}
        self.far = Segment(run, {"left": 251, "right": 252, "server": 9}, hosts, "far", "eth1", "198.51.100.0/24")
        cable(hosts["left"], "eth2", hosts["right"], "eth2")
        self.client, self.server = self.lan.hosts["client"], self.far.hosts["server"]
        self.client.ip("route", "add", "198.51.100.0/24", "via", INSIDE)
        self.machines = {}
        for name, priority in (("left", 150), ("right", 100)):
            host = hosts[name]
            host.ip("addr", "add", f"10.0.0.{NUMBERS[name]}/24", "dev", "eth2")
            host.sysctl("net.ipv4.ip_forward", 1)
            text = block("vrrp_sync_group").replace("priority 150", f"priority {priority}\n    version 3\n    advert_int 0.1")
            machine = self.machines[name] = Machine(run, host, text)
            address, peer = (f"10.0.0.{number}" for number in (NUMBERS[name], 3 - NUMBERS[name]))
            machine.sh("mkdir -p /run/lock")
            machine.sh(block("tcp_be_liberal"))
            script = block("conntrackd-config").replace("10.0.0.1", "OURS").replace("10.0.0.2", peer).replace("OURS", address)
            # Where this machine's own files are.
            machine.sh(script.replace("/etc/conntrackd/", "/etc/keepalived/").replace(
                "conntrackd -d\n", "conntrackd -d -C /etc/keepalived/conntrackd.conf\n"))
        self.start("left", "MASTER")
        self.start("right", "BACKUP")

    def start(self, name, state):
        self.machines[name].sh("xvrrpd")
        self.wait(name, state)

    def states(self, name):
        answer = self.machines[name].sh("vrrpctl status --json", check=False)
        return {part["state"] for part in json.loads(answer.stdout)["instances"]} if answer.returncode == 0 else set()

    def wait(self, name, state):
        wait_until(lambda: self.states(name) == {state}, 20, lambda: f"{state} of {name}, which is {self.states(name)}")

    def wait_known(self, name, source):
        """Until a router's kernel knows the connection, translated."""
        wait_until(lambda: f"dport={PORT}" in self.known(name) and f"dst={source}" in self.known(name), 20,
                   lambda: f"the connection on {name}: {self.known(name)}")

    def known(self, name):
        return self.machines[name].sh("conntrack -L -p tcp 2>/dev/null").stdout


def kill(network):
    network.machines["left"].sh("kill -9 $(cat /run/xvrrp/default.pid)")
    network.wait("right", "MASTER")
    return lambda: network.machines["left"].sh("xvrrpd")


def cut(network):
    network.lan.switch.set_link("left", up=False)
    network.wait("right", "MASTER")
    return lambda: network.lan.switch.set_link("left", up=True)


def drain(network):
    network.machines["left"].sh("vrrpctl drain INSIDE")
    network.wait("right", "MASTER")
    return lambda: network.machines["left"].sh("vrrpctl undrain INSIDE")


@pytest.mark.seconds(150)
def test_a_transfer_goes_on(run, xvrrpd):
    network = Network(run)
    transfer = Transfer(network.client, network.server)
    try:
        assert transfer.source == OUTSIDE
        transfer.goes_on()
        network.wait_known("right", OUTSIDE)
        for strike in (kill, cut, drain):
            restore = strike(network)
            transfer.goes_on()
            restore()
            network.wait("left", "MASTER")
            network.wait("right", "BACKUP")
            transfer.goes_on()
    finally:
        transfer.end()
