# SPDX-License-Identifier: BSD-2-Clause
"""Many measurements of one thing, as few numbers."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Distribution:
    count: int
    p50: float
    p99: float
    worst: float

    @classmethod
    def of(cls, values):
        ordered = sorted(values)
        # Of few values the 99th percentile is the worst one.
        return cls(len(ordered), ordered[len(ordered) // 2], ordered[math.ceil(len(ordered) * 0.99) - 1], ordered[-1])

    def __str__(self):
        return f"p50 {self.p50:8.3f}  p99 {self.p99:8.3f}  max {self.worst:8.3f}"
