# SPDX-License-Identifier: BSD-2-Clause
"""What scripts/bench measures."""
