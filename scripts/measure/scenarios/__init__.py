# SPDX-License-Identifier: BSD-2-Clause
"""What can be measured, in the order in which it is."""

from . import breakdown, cost, endurance, fence, gaps, limits, mass, millisecond, reload, startup, takeover, throughput, xdp

SCENARIOS = {module.SCENARIO.name: module.SCENARIO for module in (
    xdp, throughput, takeover, breakdown, mass, cost, endurance, fence, startup, reload, limits, gaps, millisecond)}
_APART = {module.SCENARIO.name for module in (gaps, limits, millisecond)}  # they take as long as all others
USUAL = [name for name in SCENARIOS if name not in _APART]
