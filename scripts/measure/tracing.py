# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's tracer, in an instance of its own: nobody else's tracing is disturbed."""

import pathlib
import re
from dataclasses import dataclass

from lab.processes import command

_BUFFER_KIB = 8192  # for each CPU
_LINE = re.compile(r"^\s*.+-(?P<pid>\d+)\s+\[\d+\]\s+\S+\s+(?P<s>\d+)\.(?P<us>\d{6}): (?P<event>\w+): (?P<rest>.*)$")


@dataclass(frozen=True)
class Traced:
    us: int  # CLOCK_MONOTONIC
    pid: int
    event: str
    text: str

    def number(self, name):
        """A field that the event shows as name=NUMBER; a pointer is hexadecimal."""
        found = re.search(rf"\b{name}=(\w+)", self.text)
        return int(found[1], 16 if name == "hrtimer" else 10) if found else None


class Tracer:
    """`events` are the wanted ones with a filter each, as 'system/name': 'filter'. A context manager; tracefs is mounted
    for the run only."""

    def __init__(self, run, events):
        mount = run.directory / "tracing"
        mount.mkdir()
        command("mount", "-t", "tracefs", "xvrrp-bench", str(mount))
        run.on_exit(command, "umount", str(mount))
        self._instance = mount / "instances" / run.prefix
        self._instance.mkdir()
        run.on_exit(self._instance.rmdir)
        self._write("trace_clock", "mono")
        self._write("buffer_size_kb", _BUFFER_KIB)
        for event, condition in events.items():
            self._write(f"events/{event}/filter", condition)
            self._write(f"events/{event}/enable", 1)

    def _write(self, name, value):
        (self._instance / name).write_text(f"{value}\n")

    def __enter__(self):
        self._write("tracing_on", 1)
        return self

    def __exit__(self, *exception):
        self._write("tracing_on", 0)

    def events(self):
        """All that was traced, oldest first."""
        with open(self._instance / "trace", errors="replace") as file:
            found = [_LINE.match(line) for line in file if not line.startswith("#")]
        return [Traced(int(line["s"]) * 1_000_000 + int(line["us"]), int(line["pid"]), line["event"], line["rest"])
                for line in found if line]


def symbol(name):
    """The address of a function of the kernel, as a filter takes it."""
    found = re.search(rf"^([0-9a-f]+) \w {name}$", pathlib.Path("/proc/kallsyms").read_text(), re.M)
    return f"0x{found[1]}"
