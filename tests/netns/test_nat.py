# SPDX-License-Identifier: BSD-2-Clause
"""virtual_nat whole: a source and a port forward of a shared external address, under traffic through everything that happens.

    client --- lan --- left, right --- far --- server
"""

import re

from checks import wait_until
from lab.capture import now
from lab.pinger import Pinger
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

INSIDE, OUTSIDE = "192.0.2.1", "198.51.100.1"
CLIENT, SERVER = "192.0.2.9", "198.51.100.9"
PRIORITIES = {"left": 150, "right": 100}

# A router answers with a TTL of 64, the client behind it is seen with 63.
SEEN = f"""table ip seen {{
    counter untranslated {{ }}
    counter translated {{ }}
    counter answers_of_routers {{ }}
    counter answers_of_the_client {{ }}
    chain seen {{
        type filter hook prerouting priority raw
        ip saddr 192.0.2.0/24 counter name untranslated
        ip saddr {OUTSIDE} icmp type echo-request counter name translated
        ip saddr {OUTSIDE} icmp type echo-reply ip ttl 64 counter name answers_of_routers
        ip saddr {OUTSIDE} icmp type echo-reply ip ttl 63 counter name answers_of_the_client
    }}
}}
"""


def configuration(priority, selection=""):
    def virtual_router(vrid, address, interface, rule):
        return VirtualRouter(vrid, (f"{address}/24",), priority=priority, interval=0.1, interface=interface,
                             extra=("virtual_nat {", rule, "}"))

    routers = [virtual_router(10, INSIDE, "eth0", f"snat to {OUTSIDE} oif eth1 {selection}"),
               virtual_router(20, OUTSIDE, "eth1", f"dnat to {CLIENT}")]
    group = "vrrp_sync_group both {\n    group {\n" + "".join(f"        {router.name}\n" for router in routers) + "    }\n}\n"
    return keepalived_conf(routers, group)


class Network:
    def __init__(self, run):
        lan = Segment(run, {"left": 251, "right": 252, "client": 9})
        hosts = {name: lan.hosts[name] for name in PRIORITIES}
        far = Segment(run, {"left": 251, "right": 252, "server": 9}, hosts, "far", "eth1", "198.51.100.0/24")
        self.client, self.server = lan.hosts["client"], far.hosts["server"]
        self.client.ip("route", "add", "198.51.100.0/24", "via", INSIDE)
        self.server.run("nft", "-f", "-", stdin=SEEN)
        self.routers = {}
        for name, host in hosts.items():
            host.sysctl("net.ipv4.ip_forward", 1)
            self.routers[name] = XvrrpRouter(run, host, configuration(PRIORITIES[name]))

    def seen(self):
        """What came to the server since the last time it was asked."""
        listing = self.server.run("nft", "reset", "counters", "table", "ip", "seen").stdout
        return {name: int(packets) for name, packets in re.findall(r"counter (\w+) {\s*packets (\d+)", listing)}

    def wait_states(self, **expected):
        for name, state in expected.items():
            wait_until(lambda: set(self.routers[name].states().values()) == {state}, 20,
                       lambda: f"{state} of {name}, which is {self.routers[name].states()}")


def start(network):
    for router in network.routers.values():
        router.start()
    network.wait_states(left="MASTER", right="BACKUP")


def kill(network):
    network.routers["left"].kill()
    network.wait_states(right="MASTER")


def come_back(network):
    network.routers["left"].start()
    network.wait_states(left="MASTER", right="BACKUP")


def reload(network):
    left = network.routers["left"]
    left.configure(configuration(PRIORITIES["left"], "from 192.0.2.0/24"))
    left.vrrpctl("reload")
    network.wait_states(left="MASTER", right="BACKUP")


def stop(network):
    assert network.routers["left"].stop() == 0
    network.wait_states(right="MASTER")


def test_what_is_not_translated_does_not_leave(run, xvrrpd):
    """5,000 packets a second out, 1,000 in, while routers start, die, come back, reload and stop."""
    network = Network(run)
    with Pinger(network.client, SERVER, 0.0002) as out, Pinger(network.server, OUTSIDE, 0.001) as into:
        for happening in (start, kill, come_back, reload, stop):
            happening(network)
            since = now()
            wait_until(lambda: out.is_answered(since, 500) and into.is_answered(since, 100), 20,
                       lambda: f"answers after {happening.__name__}")
            seen = network.seen()
            assert (seen["untranslated"], seen["answers_of_routers"]) == (0, 0), happening.__name__
            assert seen["translated"] > 500 and seen["answers_of_the_client"] > 100, happening.__name__


def test_a_table_that_another_program_deletes_is_put_back(run, xvrrpd):
    network = Network(run)
    start(network)
    host, left = network.routers["left"].namespace, network.routers["left"]
    ours = f"inet xvrrp_{host.name}"

    def ruleset():
        return host.run("nft", "-s", "list", "table", *ours.split(), check=False).stdout

    before = ruleset()
    assert f"snat ip to {OUTSIDE}" in before and f"dnat ip to {CLIENT}" in before
    for harm in (f"flush chain {ours} forward", f"delete table {ours}", "flush ruleset"):
        host.run("nft", "add", "table", "ip", "theirs")
        host.run("nft", *harm.split())
        wait_until(lambda: ruleset() == before, what=f"the table back after {harm}")
        theirs = "table ip theirs" in host.run("nft", "list", "tables").stdout
        assert theirs == (harm != "flush ruleset"), harm
    assert left.log.read_text().count(f"changed or deleted the nftables table {ours}") == 3
    left.kill()
    host.run("nft", "flush", "ruleset")  # while nobody is there to see it
    left.start()
    network.wait_states(left="MASTER")
    wait_until(lambda: ruleset() == before, what="the table of the next process")
