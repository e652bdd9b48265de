# SPDX-License-Identifier: BSD-2-Clause
"""How many virtual routers one core carries, and what gives first."""

from dataclasses import replace

from ..bench import Scenario
from ..contenders import OURS
from ..lan import Load
from .cost import measure_load

_LOADS = (Load(1000), Load(2000), Load(4000), Load(4000, interval=0.1), Load(4000, interval=1.0))


def _measure(bench):
    for load in _LOADS:
        if bench.wants(str(load)):
            yield from measure_load(replace(bench, contenders=(OURS,)), load)


SCENARIO = Scenario("limits", "As many virtual routers as one core carries", _measure)
