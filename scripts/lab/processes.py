# SPDX-License-Identifier: BSD-2-Clause
"""Commands and long-lived processes. What is killed was started here: by its pid, and where that was stored, by its
start time too."""

import collections
import contextlib
import os
import signal
import subprocess
import time


# What the last commands said, for whoever fails by it: (command line, exit code, standard output and error).
said = collections.deque(maxlen=12)


class CommandFailed(Exception):
    """A command that had to succeed did not; the message holds what it said."""


def command(*argv, check=True, timeout=20, stdin=None):
    """Runs a short command. A session of its own, so that Ctrl-C reaches us and not the command we clean up with."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, start_new_session=True,
                          **({"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}))
    said.append((" ".join(map(str, argv)), done.returncode, done.stdout, done.stderr))
    if check and done.returncode != 0:
        raise CommandFailed(f"{' '.join(argv)}: exit {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done


def last_words(longest=2000):
    """What the last commands said, as a text; of those that went well, the last one's output."""
    return "\n".join(f"$ {line}\nexit {code}\n" + (error[-longest:] if code == 0 and number < len(said) else
                                                    output[:longest] + error[-longest:])
                     for number, (line, code, output, error) in enumerate(said, 1))


def _stat_fields(pid):
    """The fields of /proc/PID/stat after the command's name, or None when there is no such process (or a zombie)."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
            return None if fields[0] == "Z" else fields
    except (FileNotFoundError, ProcessLookupError):
        return None


def start_time(pid):
    """In clock ticks since boot: with the pid it names a process for ever. None when there is no such process."""
    fields = _stat_fields(pid)
    return int(fields[19]) if fields else None


def cpu_ns(pid):
    """How long the first thread of a process has run, in ns. (Clock ticks are too coarse for a share of a percent.)"""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0])


def children(pid):
    """Pids of the direct children of a process."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def send_signal(pid, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def kill_family(pid):
    """SIGKILL for a process and its children. It is stopped first: keepalived's parent would start a new child, and
    its child says goodbye when the parent is gone."""
    send_signal(pid, signal.SIGSTOP)
    for child in children(pid):
        send_signal(child, signal.SIGKILL)
    send_signal(pid, signal.SIGKILL)


def kill_recorded(pid, started):
    """Ends a process of an earlier run, unless its pid belongs to somebody else by now."""
    if start_time(pid) != started:
        return
    kill_family(pid)
    deadline = time.monotonic() + 5
    while start_time(pid) == started and time.monotonic() < deadline:
        time.sleep(0.01)
