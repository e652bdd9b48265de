# SPDX-License-Identifier: BSD-2-Clause
"""What daemons say through notify_fifo."""

import os
import select


class Fifo:
    def __init__(self, run, name="events"):
        self.path = run.directory / name
        os.mkfifo(self.path, 0o644)
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self._text = b""

    def lines(self):
        while select.select([self._fd], [], [], 0)[0]:
            self._text += os.read(self._fd, 65536)
        return self._text.decode().splitlines()
