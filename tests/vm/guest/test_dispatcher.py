# SPDX-License-Identifier: BSD-2-Clause
"""xvrrp beside another XDP program, through libxdp's dispatcher: Debian's xdp-filter was there first."""

import re

import pytest

from conftest import wait_until
from lab.namespaces import cable
from lab.routers import XvrrpRouter
from lab.run import PINS, Run
from lab.segment import INTERFACE, host
from lab.virtual_routers import VirtualRouter, keepalived_conf

VRID, VIRTUAL = 51, "192.0.2.1"
ALLOW, DENY = "xdpfilt_alw_eth", "xdpfilt_dny_eth"
SLOW = 30


class Filtered(XvrrpRouter):
    """A router whose interface has a filter of Ethernet addresses: it lets all through, or nothing."""

    def load_filter(self, policy, mode="native"):
        self.namespace.run("xdp-filter", "load", "--mode", mode, "--features", "ethernet", "--policy", policy,
                           INTERFACE)

    def components(self):
        """Name and number of each, in the order in which they run."""
        status = self.namespace.run("xdp-loader", "status", INTERFACE).stdout
        return re.findall(r"^ => +\d+ +(\w+) +(\d+) ", status, re.MULTILINE)

    def names(self):
        return [name for name, _number in self.components()]

    def filtered(self, action):
        """How many packets met this end in the filter."""
        return int(re.search(rf"XDP_{action} +(\d+)", self.namespace.run("xdp-filter", "status").stdout)[1])

    def heard(self):
        return self.counters(VRID).get("backup_restart", 0)


@pytest.fixture
def routers():
    """Not started: "one" is the better one, "two" has the dispatcher."""
    with Run() as run:
        hosts = [host(run, name) for name in ("one", "two")]
        cable(hosts[0], INTERFACE, hosts[1], INTERFACE)
        made = []
        for kind, namespace, number, priority in zip((XvrrpRouter, Filtered), hosts, (11, 12), (200, 100)):
            namespace.ip("addr", "add", f"192.0.2.{number}/24", "dev", INTERFACE)
            made.append(kind(run, namespace, keepalived_conf(
                [VirtualRouter(VRID, (f"{VIRTUAL}/24",), priority=priority, interface=INTERFACE)])))
        yield made
        made[1].namespace.run("xdp-loader", "unload", INTERFACE, "--all", check=False)


def is_answered(router, address=VIRTUAL):
    return router.namespace.run("ping", "-c1", "-W1", address, check=False).returncode == 0


def test_adverts_come_before_a_firewall_that_lets_nothing_through(routers):
    one, two = routers
    two.load_filter("deny")
    one.start(SLOW)
    two.start(SLOW)
    assert two.names() == ["xvrrp_rx", DENY]
    assert two.instance(VRID)["xdp"]["mode"] == "native"
    one.wait_state(SLOW, "MASTER")
    wait_until(lambda: two.heard() >= 2, SLOW, "adverts")
    assert two.state() == "BACKUP"
    dropped = two.filtered("DROP")
    assert not is_answered(one, "192.0.2.12")
    assert two.filtered("DROP") > dropped, "what is not VRRP goes on to the filter"
    one.kill()
    two.wait_state(SLOW, "MASTER")
    assert two.stop(SLOW) == 0
    assert two.names() == [DENY]
    assert not (PINS / two.namespace.name).exists()


def test_a_killed_backup_is_taken_over(routers):
    one, two = routers
    two.load_filter("allow")
    one.start(SLOW)
    two.start(SLOW)
    one.wait_state(SLOW, "MASTER")
    wait_until(lambda: two.heard() >= 1, SLOW, "adverts")
    two.kill()
    left, heard = two.components(), two.heard()
    assert [name for name, _number in left] == ["xvrrp_rx", ALLOW]
    wait_until(lambda: two.heard() > heard, SLOW, "an advert without a daemon")
    heard = two.heard()
    two.start(SLOW)
    found = two.components()
    assert [name for name, _number in found] == ["xvrrp_rx", ALLOW]
    assert found[0] != left[0] and found[1] == left[1], "ours is a new program, the other the same"
    assert two.instance(VRID)["reason"] == "resumed" and two.state() == "BACKUP"
    assert two.heard() >= heard, "counters survive"
    one.kill()
    two.wait_state(SLOW, "MASTER")


def test_a_killed_master_is_fenced(routers):
    one, two = routers
    two.load_filter("allow")
    two.start(SLOW)
    two.wait_state(SLOW, "MASTER")
    wait_until(lambda: is_answered(one), SLOW, "an answer of the Master")
    two.kill()
    wait_until(lambda: not is_answered(one), SLOW, "the fence")
    assert two.names() == ["xvrrp_rx", ALLOW]
    two.start(SLOW)
    two.wait_state(SLOW, "MASTER")
    wait_until(lambda: is_answered(one), SLOW, "an answer of the Master")


def test_started_after_the_dispatcher_was_removed(routers):
    """Somebody unloaded everything while the daemon was dead: it attaches as to any interface."""
    _one, two = routers
    two.load_filter("allow")
    two.start(SLOW)
    two.kill()
    two.namespace.run("xdp-loader", "unload", INTERFACE, "--all")
    two.start(SLOW)
    two.wait_state(SLOW, "MASTER")
    assert [pin.name for pin in (PINS / two.namespace.name).glob("*eth0")] == [f"link_{INTERFACE}"]


def test_vrrpctl_loads_and_unloads_a_component(routers):
    _one, two = routers
    two.load_filter("allow", mode="skb")
    refused = two.vrrpctl("load", INTERFACE, "--mode", "native", check=False)
    assert refused.returncode == 5
    assert "libxdp's dispatcher" in refused.stderr and "skb" in refused.stderr
    assert two.names() == [ALLOW]
    assert "XDP mode skb" in two.vrrpctl("load", INTERFACE, "--vrid", str(VRID)).stdout
    assert two.names() == ["xvrrp_rx", ALLOW]
    two.vrrpctl("unload", INTERFACE)
    assert two.names() == [ALLOW]
