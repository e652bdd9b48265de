# SPDX-License-Identifier: BSD-2-Clause
"""The laboratory: networks of namespaces, routers in them, and what is seen on their wires.

Shared by scripts/demo, tests/netns and the benchmarks. Standard library only, and nothing of the product's own code:
what it says about a packet or a time, it has read from the wire itself.
"""
