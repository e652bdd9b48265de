# SPDX-License-Identifier: BSD-2-Clause
"""A daemon that misses what the kernel announces."""

import contextlib
import os
import signal

# What of announcements is more than the monitor's buffer of 4 MiB (twice that is what the kernel counts).
PAIRS = 8000


@contextlib.contextmanager
def deaf(router, interface):
    """The daemon stands still in the with-statement, and its buffer of announcements is full at the end. `interface` is another
    one than its routers'."""
    pid = router.pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
        file = router.file.with_suffix(".batch")
        file.write_text("".join(f"addr {verb} 10.4.0.1/32 dev {interface}\n" for _ in range(PAIRS) for verb in ("add", "del")))
        router.namespace.run("ip", "-batch", str(file))
    finally:
        os.kill(pid, signal.SIGCONT)
