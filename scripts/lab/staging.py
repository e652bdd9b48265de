# SPDX-License-Identifier: BSD-2-Clause
"""Sets a whole stage: network, routers, observer and pinger."""

import contextlib

from .failover import Stage
from .network import UPSTREAM_ADDRESS, GuideNetwork
from .observer import Observer
from .pinger import Pinger


@contextlib.contextmanager
def staged(run, implementations, configuration, timers, probe_interval=0.01, seconds=600):
    """`implementations` names the class of router on DENT2 and on DENT3; nothing is started yet."""
    network = GuideNetwork(run)
    routers = {name: kind(run, network.routers[name], configuration(name, kind.has_nat))
               for name, kind in zip(network.routers, implementations)}
    with Observer(network) as observer, Pinger(network.pc1, UPSTREAM_ADDRESS, probe_interval, seconds) as pinger:
        yield Stage(network, routers, observer, pinger, timers)
