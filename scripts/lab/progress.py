# SPDX-License-Identifier: BSD-2-Clause
"""Tells a person what is being waited for: on a terminal one line that is rewritten, elsewhere a plain line."""

import contextlib
import threading
import time


class Progress:
    def __init__(self, stream):
        self._stream = stream
        self._rewrites = stream.isatty()

    @contextlib.contextmanager
    def waiting(self, text, plain=False):
        """Shows the text, and for how long, until the with-statement ends; off a terminal only if `plain` is set."""
        if not self._rewrites:
            if plain:
                print(f"{text} ...", file=self._stream, flush=True)
            yield
            return
        done = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(text, done), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            done.set()
            ticker.join()
            self._stream.write("\r\033[K")
            self._stream.flush()

    def _tick(self, text, done):
        start = time.monotonic()
        while True:
            self._stream.write(f"\r\033[K{text} ... {time.monotonic() - start:.0f} s")
            self._stream.flush()
            if done.wait(0.5):
                return
