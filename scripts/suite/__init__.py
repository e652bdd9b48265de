# SPDX-License-Identifier: BSD-2-Clause
"""Runs the tests behind scripts/test and says in a few lines what became of them."""
