# SPDX-License-Identifier: BSD-2-Clause
"""Signals that end a program end it as an exception does: every with-statement on the way out is left properly."""

import contextlib
import signal
import sys

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_by_unwinding():
    """Call it first in a main program."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what it starts in the background
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))


@contextlib.contextmanager
def undisturbed():
    """For cleaning up: a second Ctrl-C would leave half of it behind."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
