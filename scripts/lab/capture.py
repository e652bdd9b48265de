# SPDX-License-Identifier: BSD-2-Clause
"""Records what is seen on switch ports, with the kernel's timestamps."""

import os
import selectors
import socket
import threading
import time
from collections import defaultdict

from .packets import decode
from .sockets import IP_OR_ARP, receive, sniffer


class Capture:
    """Sniffs on switch ports from a thread of its own; a context manager.

    Only frames coming in through a port are recorded: so each is seen once, when it leaves the host behind that port.
    """

    def __init__(self, decoder=decode, what=IP_OR_ARP):
        """`decoder` makes what is recorded of (time, segment, port, frame): an object with a `time`, or None. `what` is
        the sniffers' filter."""
        self._decode, self._what = decoder, what
        self._selector = selectors.DefaultSelector()
        self._sockets = []
        self._changed = threading.Condition()
        self._seen = defaultdict(list)  # by class
        self._stop_read, self._stop_write = os.pipe()
        self._selector.register(self._stop_read, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._record, name="capture", daemon=True)

    def add(self, segment, namespace, ports):
        """Adds ports of the switch in a namespace; call it before the capture starts."""
        for port in ports:
            sniffing = namespace.inside(sniffer, port, self._what)
            self._sockets.append(sniffing)
            self._selector.register(sniffing, selectors.EVENT_READ, (segment, port))
        return self

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        os.write(self._stop_write, b"x")
        self._thread.join()
        self._selector.close()
        for sniffing in self._sockets:
            sniffing.close()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def select(self, kind, since=0, **fields):
        """What was seen of this class since a time, whose fields have the given values; oldest first."""
        with self._changed:
            return self._select(kind, since, fields)

    def wait(self, kind, timeout, since=0, count=1, **fields):
        """Waits until `count` such packets have been seen, and returns them; TimeoutError if they do not come."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = self._select(kind, since, fields)
                if len(found) >= count:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    wanted = " ".join([kind.__name__, *(f"{name}={value}" for name, value in fields.items())])
                    raise TimeoutError(f"{timeout:g} s without {wanted} ({len(found)} of {count} seen)")
                self._changed.wait(left)

    def _select(self, kind, since, fields):
        found = []
        # Backwards, and one socket's packets may come a little after another's: hence the margin.
        for seen in reversed(self._seen[kind]):
            if seen.time < since - 100_000_000:
                break
            if seen.time >= since and all(getattr(seen, name) == value for name, value in fields.items()):
                found.append(seen)
        return sorted(found, key=lambda seen: seen.time)

    def _record(self):
        while True:
            for key, _events in self._selector.select():
                if key.data is None:
                    return
                with self._changed:
                    for moment, frame in receive(key.fileobj):
                        seen = self._decode(moment, *key.data, frame)
                        if seen:
                            self._seen[type(seen)].append(seen)
                    self._changed.notify_all()


def now():
    """The clock of the timestamps."""
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


def sender(namespace, interface):
    """A packet socket to send frames with, out of an interface of a namespace."""
    def make():
        sending = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sending.bind((interface, 0))
        return sending
    return namespace.inside(make)
