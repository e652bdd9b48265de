# SPDX-License-Identifier: BSD-2-Clause
"""The ways a Master can go and come back, each done once and measured from outside.

DENT2 is the Master before every step but `start` and `restore`, which bring it back.
"""

import time
from dataclasses import dataclass

from .capture import now
from .configs import PRIORITIES
from .pinger import Outage

# A window's last probes may still be on their way.
_IN_FLIGHT_NS = 20_000_000
# PC1 is back when so many probes have been answered one after the other.
_IN_A_ROW = 10


@dataclass(frozen=True)
class Measurement:
    takeover_ms: float  # on the wire, from the moment the RFC's timer started
    expected_ms: float  # that timer
    outage: Outage
    through: str  # the router that PC1's packets take afterwards; '' if they are not answered
    leaks: int  # packets upstream that nobody masqueraded, since the measurement before

    @property
    def late_ms(self):
        return self.takeover_ms - self.expected_ms


class Stage:
    """A running network with a router in DENT2 and DENT3, an observer and a pinger."""

    def __init__(self, network, routers, observer, pinger, timers):
        self.network, self.routers, self.observer, self.pinger, self.timers = network, routers, observer, pinger, timers
        self._audited = now()
        self._patience = 8 + 6 * timers.interval_ms / 1000  # seconds, for anything that has to happen

    def settle(self):
        """Waits until DENT2 advertises steadily and PC1's packets take it."""
        since = now()
        self.observer.first_advert("dent2", self._patience, since, count=2)
        self._wait_carried("dent2", since)

    def begin(self):
        """Starts both routers and waits until DENT2 is the Master."""
        for router in self.routers.values():
            router.start()
        self.settle()
        self._audited = now()  # what the hosts sent before there was a router is nobody's leak

    def stop(self):
        """SIGTERM: DENT3 takes over a Skew_Time after DENT2's goodbye."""
        moment = self.routers["dent2"].terminate()
        goodbye = self.observer.goodbye("dent2", self._patience, moment)
        measured = self._takeover("dent3", moment, goodbye.time, self.timers.skew(PRIORITIES["dent3"]))
        self.routers["dent2"].wait_exit()
        return measured

    def start(self):
        """DENT2's daemon starts and preempts: its own Master_Down_Interval after it was executed, start-up included."""
        self.routers["dent2"].launch()
        moment = self.routers["dent2"].started
        return self._takeover("dent2", moment, moment, self._down("dent2"))

    def kill(self):
        """SIGKILL: DENT3 takes over its Master_Down_Interval after DENT2's last advert."""
        moment = self.routers["dent2"].kill()
        return self._takeover("dent3", moment, None, self._down("dent3"))

    def cut(self):
        """DENT2's link goes down: the same, seen from DENT3."""
        moment = now()
        self.network.cut("dent2")
        return self._takeover("dent3", moment, None, self._down("dent3"))

    def restore(self):
        """DENT2's link comes back: it preempts its Master_Down_Interval after that."""
        moment = now()
        self.network.restore("dent2")
        return self._takeover("dent2", moment, moment, self._down("dent2"))

    def _down(self, router):
        return self.timers.master_down(PRIORITIES[router])

    def _takeover(self, new, moment, timer_start, expected_ms):
        """Waits for the takeover that something done at `moment` causes. A timer without a given start was started by
        the old Master's last advert."""
        advert = self.observer.first_advert(new, self._patience, moment)
        if timer_start is None:
            timer_start = self.observer.last_advert("dent2", advert.time).time
        through = self._wait_carried(new, advert.time)
        end = now() - _IN_FLIGHT_NS
        leaks = self.observer.leaks(self._audited)
        self._audited = end
        return Measurement((advert.time - timer_start) / 1e6, expected_ms, self.pinger.outage(moment, end), through,
                           len(leaks))

    def _wait_carried(self, router, since):
        """Waits until PC1's newest probes are answered, all through this router; returns which one it was at last."""
        deadline = time.monotonic() + self._patience
        while True:
            carriers = self.observer.through(now() - self.pinger.interval_ns * _IN_A_ROW)
            answered = self.pinger.is_answered(since, _IN_A_ROW)
            if answered and set(carriers) == {router}:
                return router
            if time.monotonic() > deadline:
                return " and ".join(sorted(carriers)) if answered else ""
            time.sleep(self.pinger.interval_ns / 1e9)
