# SPDX-License-Identifier: BSD-2-Clause
"""The manager thread is held up while routers change: what depends on their state follows it all the same (B3)."""

import json
import time

import pytest

from checks import nft_rules, wait_until
from fifo import Fifo
from held_thread import held
from lab.capture import now
from lab.packets import Advert
from lab.routers import XvrrpRouter
from lab.run import Run
from lab.segment import INTERFACE, Segment
from lab.speaker import Message, Speaker, goodbye
from lab.virtual_routers import VirtualRouter, keepalived_conf

INTERVAL = 0.05
FOUR = VirtualRouter(1, ("192.0.2.100/32",), interval=INTERVAL, extra=("virtual_nat {\n masquerade oif lo\n}",))


class Flapping:
    """A Master with NAT and a notify_fifo, and a rival that comes and goes."""

    def __init__(self, run):
        segment = Segment(run, {"one": 1, "two": 2})
        self.capture = segment.capture()
        self.fifo = Fifo(run)
        self.router = XvrrpRouter(run, segment.hosts["one"], keepalived_conf(
            [FOUR], f"global_defs {{\n script_user root\n notify_fifo {self.fifo.path}\n}}\n"))
        self.speaker = Speaker(segment.hosts["two"], INTERFACE)
        self.rival = Message(1, ("192.0.2.100",), segment.address("two"), priority=254, interval=5)

    def flap(self):
        """To BACKUP and back to MASTER."""
        since = self.speaker.say(self.rival)
        time.sleep(INTERVAL / 2)
        self.speaker.say(goodbye(self.rival))
        self.capture.wait(Advert, 5, since, 1, port="one")

    def told(self):
        return [line.split()[2] for line in self.fifo.lines()]

    def is_translating(self):
        return "masquerade" in nft_rules(self.router.namespace)

    def doctor(self):
        return {finding["code"] for finding in
                json.loads(self.router.vrrpctl("doctor", "--json", check=False).stdout)["findings"]}


@pytest.fixture
def flapping(xvrrpd):
    with Run() as run:
        made = Flapping(run)
        with made.capture, made.speaker:
            made.router.start()
            made.router.wait_state(5, "MASTER")
            wait_until(lambda: made.told() == ["BACKUP", "MASTER"])
            yield made


def test_what_the_queue_takes_is_told_in_order(flapping):
    with held(flapping.router.pid()):
        for _time in range(3):
            flapping.flap()
    masters = flapping.router.instance(1)["counters"]["became_master"]
    wait_until(lambda: flapping.told() == ["BACKUP", "MASTER"] * masters)
    assert flapping.router.status()["daemon"]["lost_transitions"] == 0


def test_the_last_state_outlives_a_full_queue(flapping):
    assert flapping.is_translating()
    with held(flapping.router.pid()):
        for _time in range(60):
            flapping.flap()
        with flapping.speaker.repeating(flapping.rival, INTERVAL):
            since = now()
            flapping.capture.wait(Advert, 5, since, 5, port="two")
    with flapping.speaker.repeating(flapping.rival, INTERVAL):
        wait_until(lambda: flapping.router.state() == "BACKUP")
        wait_until(lambda: not flapping.is_translating(), what="a Backup that does not translate")
        wait_until(lambda: flapping.told()[-1] == "BACKUP", what="the last state in the pipe")
        told, status = flapping.told(), flapping.router.status()
        lost = status["daemon"]["lost_transitions"]
        masters = status["instances"][0]["counters"]["became_master"]
        assert lost > 0 and status["daemon"]["lost_reports"] >= lost
        assert len(told) + lost == 2 * masters + 1  # from INIT to BACKUP, then two each time, and BACKUP at the end
        assert "went untold" in flapping.router.log.read_text()
        assert "transitions_lost" in flapping.doctor()
    flapping.speaker.say(goodbye(flapping.rival))
    wait_until(lambda: flapping.is_translating() and flapping.told()[-1] == "MASTER")
