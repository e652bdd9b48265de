# SPDX-License-Identifier: BSD-2-Clause
"""docs/migrate-from-keepalived.md, done on a live pair as it stands there."""

import json
import pathlib
import re

import pytest

from checks import wait_until
from lab.capture import now
from lab.mastership import Mastership
from lab.packets import Advert
from lab.segment import Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf
from machines import Machine

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/migrate-from-keepalived.md"
VIRTUAL = "192.0.2.100"
KEY = (51, 4)


def commands(heading):
    """The indented blocks below a heading of the guide."""
    section = re.search(rf"^## {re.escape(heading)}.*?\n(.*?)(?=^## |\Z)", GUIDE.read_text(), re.M | re.S)[1]
    blocks = re.findall(r"(?:^    .*\n)+", section, re.M)
    assert blocks
    return "".join(line[4:] for line in "".join(blocks).splitlines(keepends=True))


CASES = {
    "version 2": {"version": 2, "interval": 1},
    "version 3": {"version": 3, "interval": 0.4},
    "nopreempt": {"version": 3, "interval": 0.4, "extra": ("nopreempt",)},
}


class Pair:
    """Left, the Master, and right, live with keepalived, and who was Master since."""

    def __init__(self, run, capture, segment, options):
        self.capture, self.segment = capture, segment
        self.mastership = Mastership(capture)
        self.machines = {name: Machine(run, segment.hosts[name], keepalived_conf(
            [VirtualRouter(51, (f"{VIRTUAL}/32",), priority=priority, **options)]))
            for name, priority in (("left", 150), ("right", 100))}
        for machine in self.machines.values():
            machine.sh("keepalived")
            self.wait_master("left")
        self.since = now()

    def wait_master(self, name):
        assert not self.mastership.wait({KEY: name}, 20)

    def sequence(self):
        """The Masters one after the other, since both were live."""
        seen = []
        for advert in self.capture.select(Advert, self.since, vrid=KEY[0]):
            if advert.priority > 0 and seen[-1:] != [advert.port]:
                seen.append(advert.port)
        return seen

    def status(self, name):
        answer = self.machines[name].sh("vrrpctl status --json", check=False)
        return json.loads(answer.stdout)["instances"][0] if answer.returncode == 0 else {}

    def wait_state(self, name, state):
        wait_until(lambda: self.status(name).get("state") == state, 20, lambda: f"{state} of {name}: {self.status(name)}")

    def has_address(self, name):
        return f"{VIRTUAL}/" in self.segment.hosts[name].ip("-4", "-o", "addr", "show", "dev", "eth0")


@pytest.fixture
def pair(run, xvrrpd, request):
    segment = Segment(run, {"left": 1, "right": 2})
    with segment.capture() as capture:
        yield Pair(run, capture, segment, CASES[request.param])


def follow(pair):
    """Returns what was said on the Backup; ends when both have done their steps."""
    for machine in pair.machines.values():
        machine.sh(commands("1. On both"))
    said = pair.machines["right"].sh(commands("2. On the Backup")).stdout
    assert "BACKUP" in said or "INIT" in said
    pair.wait_state("right", "BACKUP")
    wait_until(lambda: (pair.status("right")["master"] or {}).get("address") == pair.segment.address("left"), 5, "the Master's address")
    assert pair.sequence() == ["left"]
    pair.machines["left"].sh(commands("3. On the Master"))


@pytest.mark.seconds(90)
@pytest.mark.parametrize("pair", ["version 2"], indirect=True)
def test_one_takeover_each(pair):
    follow(pair)
    pair.wait_state("left", "MASTER")
    pair.wait_master("left")
    assert pair.sequence() == ["left", "right", "left"]
    assert pair.has_address("left") and not pair.has_address("right")
    for machine in pair.machines.values():
        machine.sh(commands("4. What to look at"))


@pytest.mark.seconds(90)
@pytest.mark.parametrize("pair", ["nopreempt"], indirect=True)
def test_with_nopreempt_there_is_one_and_one_back_again(pair):
    follow(pair)
    pair.wait_state("left", "BACKUP")
    pair.wait_master("right")
    assert pair.sequence() == ["left", "right"]
    pair.machines["left"].sh(commands("Back again"))
    assert pair.sequence() == ["left", "right"]
    pair.machines["right"].sh(commands("Back again"))
    pair.wait_master("left")
    assert pair.sequence() == ["left", "right", "left"]
    wait_until(lambda: pair.has_address("left") and not pair.has_address("right"), 5, "the address at the Master alone")


@pytest.mark.seconds(90)
@pytest.mark.parametrize("pair", ["version 3"], indirect=True)
def test_the_moment_can_be_chosen(pair):
    for machine in pair.machines.values():
        machine.sh(commands("1. On both"))
    pair.machines["right"].sh(commands("2. On the Backup"))
    pair.machines["left"].sh(commands("3. On the Master") + "vrrpctl drain eth0_v4_51\n")
    pair.wait_master("right")
    since = now()
    pair.capture.wait(Advert, 20, since, count=6, port="right")  # longer than Master_Down_Interval
    assert pair.status("left")["state"] == "FAULT"
    pair.machines["left"].sh("vrrpctl undrain eth0_v4_51")
    pair.wait_master("left")
    assert pair.sequence() == ["left", "right", "left"]
