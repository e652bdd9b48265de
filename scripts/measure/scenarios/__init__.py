# SPDX-License-Identifier: BSD-2-Clause
"""What can be measured, in the order in which it is."""

from . import breakdown, cost, endurance, fence, mass, millisecond, startup, takeover, throughput, xdp

SCENARIOS = {module.SCENARIO.name: module.SCENARIO for module in (
    xdp, throughput, takeover, breakdown, mass, cost, endurance, fence, startup, millisecond)}
USUAL = [name for name in SCENARIOS if name != millisecond.SCENARIO.name]  # that one takes as long as all others
