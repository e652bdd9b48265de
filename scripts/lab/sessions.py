# SPDX-License-Identifier: BSD-2-Clause
"""Running a program that starts others, and ending them all with it."""

import os
import signal
import subprocess


def run_session(argv, **options):
    """Runs it in a session of its own and returns its exit code; if we are interrupted, all of the session is ended."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True, **options)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
