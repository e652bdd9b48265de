# SPDX-License-Identifier: BSD-2-Clause
"""How late a Backup takes over: on the wire, against the RFC's timer.

A speaker plays the Master of every virtual router and falls silent; the Backup's first advert and its first announcement
of each address are timed by the kernel's stamps on the switch ports, outside of both.
"""

import ipaddress
import threading
import time
from dataclasses import dataclass

from lab.capture import now
from lab.packets import Advert, GratuitousArp
from lab.segment import Segment
from lab.speaker import Message, Speaker
from lab.virtual_routers import VirtualRouter, keepalived_conf

from .distribution import Distribution

# A Backup that has heard so many adverts has learned what there is to learn.
_ADVERTS = 6
_SETTLED = 3  # intervals without an advert of the router that is measured: it is a Backup


@dataclass(frozen=True)
class Load:
    """The virtual routers that lose their Master at once."""
    routers: int = 1
    addresses: int = 1
    interval: float = 0.01

    def virtual_routers(self):
        first = int(ipaddress.ip_address("10.16.0.0"))
        made = []
        for vrid in range(1, self.routers + 1):
            start = first + vrid * 256
            addresses = tuple(f"{ipaddress.ip_address(start + number)}/32" for number in range(1, self.addresses + 1))
            made.append(VirtualRouter(vrid, addresses, interval=self.interval))
        return made

    def __str__(self):
        return (f"{self.routers} virtual router{'s' if self.routers > 1 else ''}, "
                f"{self.addresses} address{'es' if self.addresses > 1 else ''} each, {self.interval * 1000:g} ms")


@dataclass(frozen=True)
class Takeovers:
    """Milliseconds: the first advert after Master_Down_Interval, the first announcement of each address after it."""
    late: Distribution
    announced: Distribution
    announced_late: Distribution


class Chorus(threading.Thread):
    """Sends the adverts of many Masters at once, so often; then falls silent."""

    def __init__(self, speaker, messages, interval, times):
        super().__init__(name="chorus", daemon=True)
        self._frames = [speaker.frame(bytes(message)) for message in messages]
        self._speaker, self._interval, self._times = speaker, interval, times

    def run(self):
        due = time.monotonic()
        for _time in range(self._times):
            for frame in self._frames:
                self._speaker.send_frame(frame)
            due += self._interval
            time.sleep(max(0.0, due - time.monotonic()))


def measure(run, implementation, load, rounds):
    """Takeovers of a freshly started router, so many times; all virtual routers together each time."""
    segment = Segment(run, {"dut": 251, "tst": 252})
    virtual_routers = load.virtual_routers()
    dut = implementation(run, segment.hosts["dut"], keepalived_conf(virtual_routers, "global_defs {\n}\n"))
    messages = [Message(router.vrid, router.plain_addresses, segment.address("tst"), 200,
                        interval=round(load.interval * 100)) for router in virtual_routers]
    late, announced, announced_late = [], [], []
    speaker = Speaker(segment.hosts["tst"], segment.interface)
    with speaker:
        dut.start()
        for _round in range(rounds):
            with segment.capture() as capture:
                _round_of(capture, speaker, messages, load, virtual_routers, late, announced, announced_late)
        dut.stop(30)
    return Takeovers(Distribution.of(late), Distribution.of(announced), Distribution.of(announced_late))


def _round_of(capture, speaker, messages, load, virtual_routers, late, announced, announced_late):
    """One loss of all Masters."""
    while True:  # until it is a Backup of all of them
        Chorus(speaker, messages, load.interval, _ADVERTS).run()
        silence = now() - int(_SETTLED * load.interval * 1e9)
        if not capture.select(Advert, silence, port="dut"):
            break
    moment = now()
    keys = {router.vrid for router in virtual_routers}
    patience = time.monotonic() + 10 + 10 * load.interval
    while True:
        time.sleep(5 * load.interval)
        first = {}
        for advert in reversed(capture.select(Advert, moment - int(load.interval * 1e9), port="dut")):
            first[advert.vrid] = advert.time
        told = {}
        for arp in reversed(capture.select(GratuitousArp, moment - int(load.interval * 1e9), port="dut")):
            told[arp.address] = arp.time
        wanted = sum(len(router.addresses) for router in virtual_routers)
        if set(first) == keys and len(told) == wanted:
            break
        if time.monotonic() > patience:
            raise TimeoutError(f"{len(first)} of {len(keys)} virtual routers taken over, {len(told)} of {wanted} "
                               "addresses announced")
    last = {advert.vrid: advert.time for advert in capture.select(Advert, 0, port="tst")}
    for router in virtual_routers:
        expected = last[router.vrid] + router.master_down() * 1e9
        late.append((first[router.vrid] - expected) / 1e6)
        for address in router.plain_addresses:
            announced.append((told[address] - first[router.vrid]) / 1e6)
            announced_late.append((told[address] - expected) / 1e6)
