# SPDX-License-Identifier: BSD-2-Clause
"""docs/guide.md, done as it stands there: from bare cables to a takeover, and back."""

import json
import pathlib
import re

import pytest

from checks import holds_nothing, wait_until
from lab.capture import Capture, now
from lab.namespaces import cable
from lab.network import INTERFACE, UPLINK, UPSTREAM_ADDRESS, VIRTUAL_ADDRESS
from lab.packets import Packet
from machines import Machine

GUIDE = (pathlib.Path(__file__).resolve().parents[2] / "docs/guide.md").read_text()
ROUTERS = {"DENT2": "203.0.113.2", "DENT3": "203.0.113.3"}


class Network:
    """Hosts with cables between them, and nothing else; the upstream host alone is ready."""

    def __init__(self, run):
        self.pc1, self.dent1, self.up = (run.namespace(name) for name in ("pc1", "dent1", "up"))
        routers = {name: run.namespace(name.lower()) for name in ROUTERS}
        cable(self.pc1, "eth0", self.dent1, "pc1")
        for name, router in routers.items():
            cable(router, INTERFACE, self.dent1, name.lower())
            cable(router, UPLINK, self.up, name.lower())
        self.up.bridge("seg0", [name.lower() for name in ROUTERS])
        self.up.ip("addr", "add", f"{UPSTREAM_ADDRESS}/24", "dev", "seg0")
        self.routers = {name: Machine(run, router, "") for name, router in routers.items()}
        self.namespaces = routers

    def do(self, section, host):
        """The commands below "On HOST" in a section; `host` may go on as the sentence does."""
        text = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", GUIDE, re.M | re.S)[1]
        [block] = re.findall(rf"On {re.escape(host)}[^\n]*:\n\n((?:    .*\n)+)", text)
        script = "".join(line[4:] for line in block.splitlines(keepends=True))
        name = host.partition(",")[0]
        if name in self.routers:
            return self.routers[name].sh(script).stdout
        return {"PC1": self.pc1, "DENT1": self.dent1}[name].run("sh", "-ec", script).stdout

    def state(self, name):
        answer = self.routers[name].sh("vrrpctl status --json", check=False)
        return json.loads(answer.stdout)["instances"][0]["state"] if answer.returncode == 0 else None

    def wait_states(self, dent2, dent3):
        wanted = {"DENT2": dent2, "DENT3": dent3}
        wait_until(lambda: {name: self.state(name) for name in ROUTERS} == wanted, 20, lambda: f"{wanted}")

    def holders(self):
        """Who has the virtual address."""
        return [name for name, router in self.namespaces.items() if f"{VIRTUAL_ADDRESS}/24" in router.addresses(INTERFACE)]


@pytest.fixture
def network(run, xvrrpd):
    return Network(run)


@pytest.mark.seconds(120)
def test_the_guide(network):
    for host in ("DENT1", "PC1", "DENT2", "DENT3"):
        network.do("1. The network", host)
    for host in ROUTERS:
        assert network.do("2. The configuration", host) == "/etc/keepalived/keepalived.conf: good, 1 virtual routers\n"
    assert not re.search(r"^On (?!PC1|DENT1|DENT2|DENT3)", GUIDE, re.M)

    network.do("3. Start", "DENT2")
    assert "BACKUP" in network.do("3. Start", "DENT3")
    network.wait_states("MASTER", "BACKUP")
    wait_until(lambda: network.holders() == ["DENT2"], what="the address on DENT2")
    with Capture().add("up", network.up, [name.lower() for name in ROUTERS]) as capture:
        since = now()
        assert " 0% packet loss" in network.do("3. Start", "PC1")
        sources = {packet.source for packet in capture.wait(Packet, 5, since, count=5, destination=UPSTREAM_ADDRESS)}
        assert sources == {ROUTERS["DENT2"]}

        network.do("4. Watch the Backup take over", "DENT2, what")
        wait_until(lambda: network.state("DENT3") == "MASTER", 20, "DENT3's takeover")
        said = network.do("4. Watch the Backup take over", "DENT3")
        assert "192.168.1.11 (priority 101) was heard; 3609.375 ms (Master_Down_Interval) later" in said
        assert f"{VIRTUAL_ADDRESS}/24" in said
        since = now()
        network.do("3. Start", "PC1")
        sources = {packet.source for packet in capture.wait(Packet, 5, since, count=5, destination=UPSTREAM_ADDRESS)}
        assert sources == {ROUTERS["DENT3"]}

    network.do("4. Watch the Backup take over", "DENT2, again")
    network.wait_states("MASTER", "BACKUP")
    network.do("4. Watch the Backup take over", "DENT1, for a cable")
    network.wait_states("MASTER", "BACKUP")
    explained = json.loads(network.routers["DENT3"].sh("vrrpctl explain VI_1 --json").stdout)
    assert [entry["reason"] for entry in explained["transitions"][:2]] == ["higher-priority", "master-silent"]

    network.do("5. Planned work", "DENT2, before")
    network.wait_states("FAULT", "MASTER")
    assert network.holders() == ["DENT3"]
    network.do("5. Planned work", "DENT2, after")
    network.wait_states("MASTER", "BACKUP")

    for host in ROUTERS:
        network.do("6. Going back", f"{host}, to end")
    assert network.holders() == []
    for namespace in network.namespaces.values():
        assert holds_nothing(namespace)
