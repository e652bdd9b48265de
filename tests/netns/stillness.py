# SPDX-License-Identifier: BSD-2-Clause
"""Notices when the machine stands still: a virtual machine loses its processors to others for tenths of a second, and no
deadline of a test holds then, nor says anything of xvrrp. Run as a program it is the observer: one line per standstill."""

import os
import select
import subprocess
import sys
import time

BEAT_S = 0.005
STILL_S = 0.02  # two adverts of the shortest interval that most tests use


class Stillness:
    """An ordinary process, as a test is one, that sleeps for BEAT_S again and again."""

    def __init__(self):
        self._observer = subprocess.Popen([sys.executable, "-B", __file__], stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, start_new_session=True)

    def longest(self):
        """Seconds of the longest standstill since the last call; 0 when there was none."""
        time.sleep(2 * BEAT_S)  # the one that is just over
        lines = b""
        while select.select([self._observer.stdout], [], [], 0)[0] and (read := os.read(self._observer.stdout.fileno(), 4096)):
            lines += read
        return max(map(float, lines.split()), default=0.0)

    def end(self):
        self._observer.kill()
        self._observer.wait()
        self._observer.stdout.close()


def observe(parent):
    os.set_blocking(sys.stdout.fileno(), False)
    last = time.monotonic()
    while os.getppid() == parent:
        time.sleep(BEAT_S)
        last, before = time.monotonic(), last
        if last - before >= STILL_S:
            try:
                os.write(sys.stdout.fileno(), b"%.3f\n" % (last - before))
            except BlockingIOError:
                pass  # thousands of them already that nobody has asked for


if __name__ == "__main__":
    observe(os.getppid())
