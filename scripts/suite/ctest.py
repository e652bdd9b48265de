# SPDX-License-Identifier: BSD-2-Clause
"""Runs ctest, and reads what it knows of its tests."""

import json
import os
import pathlib
import subprocess
from dataclasses import dataclass

from lab.sessions import run_session

_JUNIT_OPTION = "--junitxml="
# The room that takes minutes, and more packages: its tests are of ctest's configuration of this name, so that they run
# only when they are asked for.
_ON_REQUEST = "vm"
# Tests in networks wait most of their time: one more than there are processors.
_BESIDE = (os.cpu_count() or 1) + 1


@dataclass(frozen=True)
class Registered:
    room: str
    junit: pathlib.Path | None  # where a test that is a whole pytest file reports its own cases


def registered(build):
    """Every test ctest knows, by name."""
    listing = subprocess.run(["ctest", "--test-dir", build, "-C", _ON_REQUEST, "--show-only=json-v1"], check=True,
                             capture_output=True, text=True)
    tests = {}
    for test in json.loads(listing.stdout)["tests"]:
        properties = {one["name"]: one["value"] for one in test.get("properties", [])}
        junit = [word[len(_JUNIT_OPTION):] for word in test.get("command", []) if word.startswith(_JUNIT_OPTION)]
        tests[test["name"]] = Registered(" ".join(properties.get("LABELS", ["other"])),
                                         pathlib.Path(junit[0]) if junit else None)
    return tests


def run(build, rooms, name_filter):
    """Runs the tests of these rooms (when there are none given: all but that on request) whose names match. Returns
    ctest's exit code and the path of its JUnit file."""
    junit = pathlib.Path(build, "ctest.xml")
    junit.unlink(missing_ok=True)
    argv = ["ctest", "--test-dir", build, "--output-on-failure", f"-j{_BESIDE}", "--no-tests=error",
            "--output-junit", junit.resolve()]
    if rooms:
        argv += ["-L", f"^({'|'.join(rooms)})$"]
    if _ON_REQUEST in rooms:
        argv += ["-C", _ON_REQUEST]
    if name_filter:
        argv += ["-R", name_filter]
    return run_session(argv), junit
