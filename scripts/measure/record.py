# SPDX-License-Identifier: BSD-2-Clause
"""What was measured, where and with what: as --json writes it and --from reads it."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

from lab.build import REPOSITORY

SCHEMA = 1


def begin(quick, contenders):
    return {"schema": SCHEMA, "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "quick": quick, "contenders": list(contenders), "machine": _machine(), "versions": _versions(),
            "scenarios": {}}


def figures(record, scenario, case=None, what=None):
    """A scenario's figures, of one case or of one kind if told."""
    return [figure for figure in record["scenarios"].get(scenario, {}).get("figures", [])
            if case in (None, figure["case"]) and what in (None, figure["what"])]


def write(record, file):
    pathlib.Path(file).write_text(json.dumps(record, indent=1) + "\n")


def read(file):
    record = json.loads(pathlib.Path(file).read_text())
    if record.get("schema") != SCHEMA:
        raise ValueError(f"{file}: not a record of scripts/bench, schema {SCHEMA}")
    return record


def _machine():
    cpu = re.search(r"^model name\s*:\s*(.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.M)
    return {"cpu": cpu[1] if cpu else platform.machine(), "processors": os.cpu_count(),
            "memory_gib": round(int(memory[1]) / (1 << 20)), "kernel": platform.release(),
            "system": platform.freedesktop_os_release()["PRETTY_NAME"]}


def _versions():
    return {"xvrrp": _first_line("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"),
            "keepalived": _first_line("keepalived", "--version"), "stress-ng": _first_line("stress-ng", "--version")}


def _first_line(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        return "not installed"
    return next(iter((done.stdout or done.stderr).splitlines()), "").strip()
