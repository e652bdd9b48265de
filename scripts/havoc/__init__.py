# SPDX-License-Identifier: BSD-2-Clause
"""Routers in trouble of every kind, by a seed, and what must hold all the same."""
