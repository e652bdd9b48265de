# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's tracer, in an instance of its own: nobody else's tracing is disturbed."""

import os
import pathlib
import re
from dataclasses import dataclass

from lab.processes import command

# Linux's numbers on x86_64.
SENDTO, SENDMMSG, BPF, EPOLL_PWAIT2 = 44, 307, 321, 441
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
    for the run only. When a thread runs is best told by its system calls: of an idle processor some kernels trace no
    sched_switch."""

    def __init__(self, run, events, kib_per_cpu=8192):
        mount = run.directory / "tracing"
        mount.mkdir()
        command("mount", "-t", "tracefs", "xvrrp-bench", str(mount))
        run.on_exit(command, "umount", str(mount))
        self._instance = mount / "instances" / run.prefix
        self._instance.mkdir()
        run.on_exit(self._instance.rmdir)
        self._write("trace_clock", "mono")
        self._write("buffer_size_kb", kib_per_cpu)
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


def is_call(event, number, kind=None):
    """Whether it is the begin (sys_enter) or the end (sys_exit) of that system call, or one of both."""
    return event.event in ((kind,) if kind else ("sys_enter", "sys_exit")) and event.text.startswith(f"NR {number} ")


def election_thread(pid):
    """The thread of xvrrpd that runs with real-time priority."""
    return next(int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                if os.sched_getscheduler(int(task.name)) & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO)


def symbol(name):
    """The address of a function of the kernel, as a filter takes it."""
    found = re.search(rf"^([0-9a-f]+) \w {name}$", pathlib.Path("/proc/kallsyms").read_text(), re.M)
    return f"0x{found[1]}"
