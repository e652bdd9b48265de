# SPDX-License-Identifier: BSD-2-Clause
"""A Master's daemon is killed or stopped: how long its address is answered for, and beside whom."""

import signal
from collections import defaultdict
from dataclasses import replace

from lab import processes
from lab.answers import Asker
from lab.capture import now
from lab.mastership import Mastership
from lab.packets import Advert
from lab.run import Run

from ..bench import Scenario, distribution, value
from ..lan import Lans, Load

_LOAD = Load()
_PRIORITIES = {"dut": 200, "tst": 100}
_BESIDE_NS = 1_000_000_000  # how long the old Master is watched beside the new one


def _kill(router):
    router.kill()


def _stop(router):
    processes.send_signal(router.pid(), signal.SIGSTOP)


_BLOWS = {"SIGKILL": _kill, "SIGSTOP": _stop}


def _measure(bench):
    for blow, strike in _BLOWS.items():
        if not bench.wants(blow):
            continue
        answered, dual = defaultdict(list), defaultdict(int)
        for contender in bench.by_turns(1 if bench.quick else 3, f"fence, {blow}"):
            with bench.attempt(f"fence, {blow}, {contender.name}"):
                last, beside = _strike(contender, strike)
                answered[contender.name].append(last)
                dual[contender.name] += beside
        yield distribution(blow, "last answer, after the last advert", "ms", answered)
        yield value(blow, "answers beside the new Master", "in all", dual)


def _strike(contender, strike):
    """Milliseconds from the old Master's last advert to its last answer, and its answers beside the new one."""
    with Run() as run:
        lans = Lans(run, _LOAD, ("dut", "tst", "attacker"))
        segment, target = lans.segments[0], _LOAD.all()[0].plain_addresses[0]
        routers = {name: contender.make(run, lans.hosts[name], replace(_LOAD, priority=priority).all())
                   for name, priority in _PRIORITIES.items()}
        with Asker(segment, "attacker", ("dut", "tst")) as asker:
            for router in routers.values():
                router.start()
            asker.begin(target)
            if Mastership(asker.capture).wait({(1, 4): "dut"}, 20, count=20):
                raise TimeoutError("two routers do not agree on a Master")
            asker.wait("dut")
            struck = now()
            strike(routers["dut"])
            taken = asker.capture.wait(Advert, 20, struck, port="tst")[0].time
            asker.wait("tst", 20, taken)
            asker.wait("tst", 20, taken + _BESIDE_NS, count=1)
            last_advert = asker.capture.select(Advert, struck - _BESIDE_NS, port="dut")[-1].time
            last_answer = asker.last_answer("dut", last_advert, taken + _BESIDE_NS)
            beside = [answer for answer in asker.answers("dut", taken) if answer.time < taken + _BESIDE_NS]
        if routers["dut"].is_running():
            processes.send_signal(routers["dut"].pid(), signal.SIGCONT)
            routers["dut"].stop()
        routers["tst"].stop()
    return ((last_answer - last_advert) / 1e6 if last_answer else 0.0), len(beside)


SCENARIO = Scenario("fence", "The Master's daemon is killed or stopped", _measure)
