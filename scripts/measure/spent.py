# SPDX-License-Identifier: BSD-2-Clause
"""What a daemon takes of the machine."""

import os
import pathlib
import re
import time
from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True)
class Cost:
    percent: float  # of one processor, the daemon
    wakeups: float  # voluntary context switches a second, the daemon
    machine_percent: float  # of one processor, everything: what the kernel does for it and for its peers too


@dataclass(frozen=True)
class _Spent:
    run_ns: int
    switches: int
    machine_s: float

    @classmethod
    def by(cls, pid):
        """Over all threads."""
        run = switches = 0
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            run += int((task / "schedstat").read_text().split()[0])
            switches += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)[1])
        user, nice, system, _idle, _waiting, hard, soft = map(int, pathlib.Path("/proc/stat").read_text().split()[1:8])
        return cls(run, switches, (user + nice + system + hard + soft) / os.sysconf("SC_CLK_TCK"))


class Meter:
    """Starts to measure when it is made."""

    def __init__(self, pid):
        self._pid, self._start, self._before = pid, time.monotonic(), _Spent.by(pid)

    def read(self):
        after, took = _Spent.by(self._pid), time.monotonic() - self._start
        return Cost((after.run_ns - self._before.run_ns) / took / 1e7, (after.switches - self._before.switches) / took,
                    (after.machine_s - self._before.machine_s) / took * 100)


def resident_mib(pid):
    return int(re.search(r"^VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)[1]) / 1024


def maps_mib(pid):
    """What the BPF maps hold that a process has open."""
    held = {}
    for file in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        fields = dict(re.findall(r"^(\w+):\s+(\d+)$", file.read_text(), re.M))
        if "map_id" in fields:
            held[fields["map_id"]] = int(fields["memlock"])
    return sum(held.values()) / _MIB
