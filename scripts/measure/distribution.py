# SPDX-License-Identifier: BSD-2-Clause
"""Many measurements of one thing, as few numbers."""

import math

_QUANTILES = 100  # so many steps, for a curve


def summarise(values):
    """Count, percentiles, maximum, and the curve through them: as the record keeps it."""
    ordered = sorted(values)

    def percentile(share):
        # Of few values the 99th percentile is the worst one.
        return ordered[max(0, math.ceil(len(ordered) * share) - 1)]

    return {"count": len(ordered), "p50": percentile(0.5), "p99": percentile(0.99), "p999": percentile(0.999),
            "max": ordered[-1], "curve": [percentile(step / _QUANTILES) for step in range(_QUANTILES + 1)]}
