# SPDX-License-Identifier: BSD-2-Clause
"""A plugin of pytest: runs the tests in whose FILE::NAME two regular expressions of the environment find something."""

import os
import re


def pytest_collection_modifyitems(config, items):
    expressions = [re.compile(os.environ[name]) for name in ("XVRRP_VM_ONLY", "XVRRP_VM_FILTER")]
    left_out = [item for item in items if not all(one.search(f"{item.path.stem}::{item.name}") for one in expressions)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
