# SPDX-License-Identifier: BSD-2-Clause
"""Two routers with native XDP on virtio-net, one on each end of the guest's cable."""

import time

import pytest

from lab.processes import command
from lab.routers import XvrrpRouter
from lab.run import Run
from lab.segment import host
from lab.virtual_routers import VirtualRouter, keepalived_conf


@pytest.fixture
def routers():
    """The better one first. A card goes back to the guest with its namespace."""
    with Run() as run:
        made = []
        for last, (name, card, priority) in enumerate((("one", "wire0", 200), ("two", "wire1", 100)), 11):
            namespace = host(run, name)
            move_card(namespace, card, f"192.0.2.{last}/24")
            made.append(XvrrpRouter(run, namespace, keepalived_conf(
                [VirtualRouter(51, ("192.0.2.1/24",), priority=priority, interface=card)])))
            made[-1].argv = lambda argv=made[-1].argv(): [*argv, "--mode", "native"]
        yield made


def move_card(namespace, card, address):
    command("ip", "link", "set", card, "netns", namespace.name)
    namespace.ip("addr", "add", address, "dev", card)
    namespace.ip("link", "set", card, "up")


def test_a_takeover_in_native_mode(routers):
    one, two = routers
    one.start(30)
    two.start(30)
    one.wait_state(30, "MASTER")
    deadline = time.monotonic() + 30
    while two.counters(51)["backup_restart"] < 2:
        assert time.monotonic() < deadline, two.log_tail()
        time.sleep(0.2)
    assert two.state() == "BACKUP"
    assert [router.instance(51)["xdp"]["mode"] for router in routers] == ["native", "native"]
    one.kill()
    two.wait_state(30, "MASTER")
    assert "192.0.2.1/24" in two.namespace.addresses("wire1")
