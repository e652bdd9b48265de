# SPDX-License-Identifier: BSD-2-Clause
"""What the guest runs: the rooms of tests/vm/rooms.toml, and what is asked of every kernel."""

import pathlib
import re
import shlex
import subprocess
import tomllib
from dataclasses import dataclass, replace

from lab.build import REPOSITORY

_ROOMS = REPOSITORY / "tests" / "vm" / "rooms.toml"
_ALL = ""  # found everywhere


@dataclass(frozen=True)
class Task:
    name: str
    seconds: int
    command: str

    @property
    def line(self):
        """As guest/main reads it."""
        return f"{self.name}\t{self.seconds}\t{self.command}\n"


@dataclass(frozen=True)
class Room:
    name: str
    seconds: int  # all of it, on a slow machine
    directory: str
    program: str = ""  # of GoogleTest; else pytest's files of the directory
    only: str = _ALL  # a regular expression that finds something in the names of the tests to run

    def unselected(self):
        """The same with all of its tests."""
        return replace(self, only=_ALL, seconds=self.seconds * 10)

    def task(self, binaries, name_filter):
        """None when the filter leaves nothing to run."""
        if self.program:
            return self._google_task(binaries / self.program, name_filter)
        return self._pytest_task(name_filter)

    def _google_task(self, program, name_filter):
        names = [name for name in _google_tests(program)
                 if re.search(name_filter, name) and re.search(self.only, name)]
        if not names:
            return None
        return Task(self.name, self.seconds, f"{program} --gtest_filter={shlex.quote(':'.join(names))} "
                                             f"--gtest_output=xml:/run/vm/{self.name}.xml")

    def _pytest_task(self, name_filter):
        only, wanted = shlex.quote(" ".join(self.only.split())), shlex.quote(name_filter)
        return Task(self.name, self.seconds,
                    f"cd {REPOSITORY} && PYTHONPATH=scripts XVRRP_VM_ONLY={only} XVRRP_VM_FILTER={wanted} "
                    f"/usr/bin/python3 -m pytest -q -rs -p no:cacheprovider -p machine.guest.only "
                    f"--junitxml=/run/vm/{self.name}.xml {self.directory}")


def rooms():
    """By name."""
    with open(_ROOMS, "rb") as file:
        return {name: Room(name, **fields) for name, fields in tomllib.load(file).items()}


def kernel_tasks():
    """Asked of every kernel, before any room."""
    guest = pathlib.Path(__file__).parent / "guest"
    return [Task("features", 60, "$XVRRP_BIN_DIR/vrrpctl features --json >/run/vm/features.json"),
            Task("programs", 120, f"/usr/bin/python3 {guest}/programs.py >/run/vm/programs.json")]


def _google_tests(program):
    listing = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True, timeout=60)
    suite = ""
    for line in listing.stdout.splitlines():
        word = line.split("#")[0].strip()
        if line.startswith("  "):
            yield suite + word
        elif word.endswith("."):
            suite = word
