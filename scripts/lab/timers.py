# SPDX-License-Identifier: BSD-2-Clause
"""The RFCs' timers in milliseconds, never rounded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timers:
    version: int
    interval_ms: float

    def skew(self, priority):
        """Skew_Time. VRRPv2's does not scale with the interval (RFC 3768 6.1), VRRPv3's does (RFC 9568 6.1)."""
        return (256 - priority) * (1000 if self.version == 2 else self.interval_ms) / 256

    def master_down(self, priority):
        """Master_Down_Interval."""
        return 3 * self.interval_ms + self.skew(priority)
