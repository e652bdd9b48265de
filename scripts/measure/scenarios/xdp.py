# SPDX-License-Identifier: BSD-2-Clause
"""What the receive program costs per packet, over an empty program in the same run (BPF_PROG_TEST_RUN)."""

import json
import subprocess

from ..bench import Scenario, value


def _measure(bench):
    with bench.progress.waiting("xdp"):
        said = subprocess.run([str(bench.tools / "xvrrp_xdp_cost"), "--json", "--rounds", "5" if bench.quick else "15"],
                              capture_output=True, text=True, check=True, timeout=300).stdout
    for line in said.splitlines():
        packet = json.loads(line)
        if bench.wants(packet["packet"]):
            yield value(packet["packet"], "over an empty program", "ns", {"xvrrp": packet["xvrrp"] - packet["empty"]})


SCENARIO = Scenario("xdp", "One packet in the receive program", _measure)
