# SPDX-License-Identifier: BSD-2-Clause
"""A Master of many virtual routers reads another configuration: how far apart its adverts are meanwhile. Seen are those of the
first virtual router of each LAN: all of them are more than a capture can take."""

import time
from collections import defaultdict
from dataclasses import replace

from lab.capture import Capture, now
from lab.packets import Advert
from lab.run import Run
from lab.sockets import vrrp_of
from lab.virtual_routers import keepalived_conf

from ..bench import Scenario, distribution
from ..lan import Lans, Load

_LOADS = (Load(250), Load(1000))
_SEEN = 1  # the VRID
_SECONDS = 1.5  # from SIGHUP on
_ROUNDS = 5


def _some_others(routers, turn):
    """Every tenth router has another address, every tenth is another router. The one that is seen is the same."""
    made = []
    for router in routers:
        if router.vrid % 10 == 5:
            router = replace(router, addresses=tuple(address.replace("/", f"{turn % 2}/") for address in router.addresses))
        if router.vrid % 10 != turn % 2 + 2:
            made.append(router)
    return made


_CASES = ("no reload", "nothing changes", "three in ten change")


def _measure(bench):
    for load in _LOADS[:1] if bench.quick else _LOADS:
        if not bench.wants(str(load)):
            continue
        gaps = defaultdict(lambda: defaultdict(list))
        for contender in bench.by_turns(1, f"reload, {load}"):
            with bench.attempt(f"reload, {load}, {contender.name}"):
                for what, found in _gaps(contender, load):
                    gaps[what][contender.name] += found
        for what, by in gaps.items():
            yield distribution(f"{load}, {what}", "from advert to advert", "ms", by, tail=True)


def _gaps(contender, load):
    with Run() as run:
        lans = Lans(run, load)
        dut = contender.make(run, lans.hosts["dut"], load.all())
        capture = Capture(what=vrrp_of(_SEEN))
        for segment in lans.segments:
            capture.add(segment.name, segment.switch, ["dut"])
        with capture:
            dut.start(60)
            for segment in lans.segments:
                capture.wait(Advert, 30, count=20, segment=segment.name)
            time.sleep(2)  # the takeover is not what is measured
            first = dut.file.read_text().partition("vrrp_instance")[0]
            for turn in range(_ROUNDS):
                for what in _CASES:
                    if what == _CASES[2]:
                        dut.configure(keepalived_conf(_some_others(load.all(), turn), first))
                    since = now() if what == _CASES[0] else dut.reload()
                    time.sleep(_SECONDS)
                    yield what, list(_between(capture, lans, since))
                    time.sleep(0.5)  # what is behind with its work catches up
        dut.stop(60)


def _between(capture, lans, since):
    """Milliseconds from advert to advert, on each LAN; one that stops has no next advert, so the span's ends count."""
    for segment in lans.segments:
        times = [since, *(advert.time for advert in capture.select(Advert, since, segment=segment.name)), now()]
        yield from ((after - before) / 1e6 for before, after in zip(times, times[1:]))


SCENARIO = Scenario("reload", "A Master reads another configuration", _measure)
