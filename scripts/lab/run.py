# SPDX-License-Identifier: BSD-2-Clause
"""A run of the laboratory: its name, its directory, and the promise that nothing of it stays behind.

Everything a run makes carries its prefix (xvPID), so that runs side by side never meet. A run holds a lock on its
directory as long as it lives, whatever kills it: that is how `sweep` tells a dead run from a living one.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

from . import processes
from .interrupts import undisturbed
from .namespaces import Namespace, delete_namespace

ROOT = pathlib.Path("/run/xvrrp-lab")
PINS = pathlib.Path("/sys/fs/bpf/xvrrp")
STATE = pathlib.Path("/run/xvrrp")


class Run:
    """Use it in a with-statement; whatever ends the statement, everything is removed, unless keep() was called."""

    def __init__(self):
        self.prefix = f"xv{os.getpid()}"
        self.directory = ROOT / self.prefix
        self._cleanup = contextlib.ExitStack()
        self._kept = False

    def __enter__(self):
        self.directory.mkdir(parents=True, mode=0o700)
        self._cleanup.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self._lock = _take_lock(self.directory)
        self._cleanup.callback(self._lock.close)
        return self

    def __exit__(self, *exception):
        if self._kept:
            self._lock.close()
        else:
            with undisturbed():
                self._cleanup.close()

    def keep(self):
        """Leaves everything in place at the end, for `sweep` to remove later."""
        self._kept = True

    def on_exit(self, function, *arguments):
        """Registers something to undo; the last one made is the first one undone."""
        self._cleanup.callback(_attempt, function, *arguments)

    def namespace(self, host):
        name = f"{self.prefix}-{host}"
        # Registered first: creation may be interrupted half-way.
        self.on_exit(remove_instance_files, name)
        self.on_exit(delete_namespace, name)
        return Namespace(name)

    def spawn(self, argv, log, environment=None):
        """Starts a long-lived process, its output appended to the log file; it is killed at the end if it still runs.

        The caller must have made it enter a namespace itself (nsenter): nothing is started outside.
        """
        with open(log, "ab") as output:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                       start_new_session=True, env={**os.environ, **(environment or {})})
        with open(self.directory / "processes", "a") as record:
            record.write(f"{process.pid} {processes.start_time(process.pid)}\n")
        self.on_exit(_end_process, process)
        return process


def sweep():
    """Removes what dead and kept runs left behind; returns their prefixes."""
    swept = []
    for directory in sorted(ROOT.glob("xv*")) if ROOT.is_dir() else []:
        try:
            lock = _take_lock(directory)
        except BlockingIOError:
            continue  # its run is alive
        with lock:
            with contextlib.suppress(FileNotFoundError):
                for line in (directory / "processes").read_text().splitlines():
                    pid, started = line.split()
                    if started != "None":
                        processes.kill_recorded(int(pid), int(started))
            for entry in pathlib.Path("/run/netns").glob(f"{directory.name}-*"):
                delete_namespace(entry.name)
                remove_instance_files(entry.name)
            shutil.rmtree(directory, ignore_errors=True)
        swept.append(directory.name)
    return swept


def remove_instance_files(instance):
    """What a killed daemon leaves outside its namespace: pinned maps and links, control socket, lock and pid files."""
    for path in [PINS / instance, *PINS.glob(f"{instance}+*")]:
        shutil.rmtree(path, ignore_errors=True)
    for path in [STATE / instance, *STATE.glob(f"{instance}.*")]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _take_lock(directory):
    lock = open(directory / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise
    return lock


def _attempt(function, *arguments):
    """One failing undo must not keep the others from running."""
    try:
        function(*arguments)
    except Exception as error:
        print(f"lab: while cleaning up: {error}", file=sys.stderr)


def _end_process(process):
    if process.poll() is None:
        processes.kill_family(process.pid)
    process.wait(10)
