# SPDX-License-Identifier: BSD-2-Clause
"""Who is Master of what, as the wire tells it."""

import time
from collections import defaultdict

from .capture import now
from .packets import Advert

# The clock of the capture is read after the frame was seen.
_MARGIN_NS = 1_000_000_000


class Mastership:
    """Reads a capture: a virtual router is a (VRID, family), a Master the switch port its adverts came in through."""

    def __init__(self, capture):
        self._capture = capture

    def adverts(self, since=0, until=None):
        """What was advertised, by virtual router, oldest first; goodbyes included."""
        found = defaultdict(list)
        for advert in self._capture.select(Advert, since):
            if until is None or advert.time < until:
                found[advert.vrid, advert.family].append(advert)
        return found

    def masters(self, since, count=2):
        """By virtual router: the host that sent the last `count` adverts, if it was one host that did not leave. Time stamps of
        a clock that was set forward, and back, do not count."""
        found = {}
        for key, adverts in self.adverts(since, now() + _MARGIN_NS).items():
            last = adverts[-count:]
            if len(last) == count and len({advert.port for advert in last}) == 1 and last[-1].priority > 0:
                found[key] = last[-1].port
        return found

    def wait(self, expected, timeout, since=None, count=2):
        """Waits until each virtual router's last adverts are its expected Master's. Returns what is not so in the end:
        the virtual routers whose Master is another, and which."""
        since = now() if since is None else since
        deadline = time.monotonic() + timeout
        while True:
            masters = self.masters(since, count)
            wrong = {key: masters.get(key) for key, master in expected.items() if masters.get(key) != master}
            if not wrong or time.monotonic() > deadline:
                return wrong
            time.sleep(0.05)
