# SPDX-License-Identifier: BSD-2-Clause
"""The guest's own cable: two virtio-net cards, wire0 and wire1. These tests run in a guest only (scripts/vm)."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "scripts"))

from lab.processes import command  # noqa: E402
from lab.speaker import Message  # noqa: E402

VRRPCTL = str(pathlib.Path(os.environ.get("XVRRP_BIN_DIR", REPOSITORY / "build/dev/bin"), "vrrpctl"))
NEAR, FAR = "wire0", "wire1"
GROUP = "01:00:5e:00:00:12"
ADVERT = Message(vrid=51, addresses=("192.0.2.1",), source="192.0.2.12")


def pytest_collection_modifyitems(items):
    if "XVRRP_VM" not in os.environ:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="runs in a guest of scripts/vm"))


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{seconds} s without {what}"
        time.sleep(0.2)


class Cable:
    def vrrpctl(self, *arguments):
        return subprocess.run([VRRPCTL, *arguments], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)

    def load(self, *arguments):
        done = self.vrrpctl("load", NEAR, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def send(self, message, *vlans):
        """Out of the far end, in as many tags as there are numbers."""
        tags = b"".join(b"\x81\x00" + number.to_bytes(2, "big") for number in vlans)
        frame = bytes.fromhex(GROUP.replace(":", "") + "020000000012") + tags + b"\x08\x00" + bytes(message)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as far:
            far.bind((FAR, 0))
            far.send(frame)

    def counters(self):
        """What was counted there that belongs to no virtual router."""
        answer = self.vrrpctl("stats", "--json")
        assert answer.returncode == 0, answer.stderr
        (interface,) = json.loads(answer.stdout)["interfaces"]
        return {name: value for name, value in interface["counters"].items() if value}

    def wait_for(self, expected, seconds=20):
        deadline = time.monotonic() + seconds
        while (seen := self.counters()) != expected and time.monotonic() < deadline:
            time.sleep(0.2)
        assert seen == expected


@pytest.fixture
def cable():
    for end in (NEAR, FAR):
        command("ip", "link", "set", end, "up")
    # A card, unlike veth, receives only the groups that somebody on the host has joined.
    command("ip", "maddress", "add", GROUP, "dev", NEAR)
    wire = Cable()
    yield wire
    wire.vrrpctl("unload", NEAR)
    command("ip", "maddress", "delete", GROUP, "dev", NEAR)
