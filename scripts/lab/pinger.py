# SPDX-License-Identifier: BSD-2-Clause
"""A host's view of a failover: a probe every few milliseconds, and which ones were answered."""

import os
import select
import socket
import struct
import threading
from dataclasses import dataclass

from .capture import now
from .packets import checksum
from .sockets import receive, stamp

_SOL_RAW, _ICMP_FILTER = 255, 1
_ECHO, _ECHO_REPLY = 8, 0
# An answer that waited in a neighbour queue until the other router was there is no answer.
_LATE_NS = 200_000_000


@dataclass(frozen=True)
class Outage:
    milliseconds: float  # from the last answered probe before the gap to the first one after it, less one interval
    lost: int
    over: bool           # False: the gap had not ended


class Pinger:
    """Sends ICMP echo requests from a thread of its own; a context manager. Bounded: at most `seconds` long."""

    def __init__(self, namespace, target, interval, seconds=180):
        self.interval_ns = int(interval * 1e9)
        self._seconds = seconds
        self._identifier = os.getpid() & 0xFFFF
        self._socket = namespace.inside(self._open, target)
        self._sent = []
        self._answered = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._probe, name="pinger", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    def is_answered(self, since, count):
        """Whether the `count` probes sent last, all of them since a time, have been answered."""
        end = len(self._sent) - 1  # the newest one may still be on its way
        newest = range(end - count, end)
        return newest.start >= 0 and self._sent[newest.start] >= since and all(map(self._in_time, newest))

    def outage(self, since, until):
        """The longest gap between answered probes in a span of time that has at least one lost probe in it."""
        probes = [(moment, self._in_time(index)) for index, moment in enumerate(self._sent) if since <= moment <= until]
        lost = sum(not answered for _moment, answered in probes)
        longest, last_good, in_gap = 0, since, False
        for moment, answered in probes:
            if answered:
                if in_gap:
                    longest = max(longest, moment - last_good - self.interval_ns)
                last_good, in_gap = moment, False
            else:
                in_gap = True
        if in_gap:
            longest = max(longest, until - last_good)
        return Outage(max(longest, 0) / 1e6, lost, not in_gap)

    def _in_time(self, index):
        answer = self._answered.get(index)
        return answer is not None and answer - self._sent[index] <= _LATE_NS

    @staticmethod
    def _open(target):
        probing = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        probing.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("I", 0xFFFFFFFF & ~(1 << _ECHO_REPLY)))
        stamp(probing)
        probing.connect((target, 0))
        probing.setblocking(False)
        return probing

    def _probe(self):
        end = now() + int(self._seconds * 1e9)
        due = now()
        while not self._stopping.is_set() and due < end:
            self._send()
            due = max(due + self.interval_ns, now())
            while (left := due - now()) > 0:
                if select.select([self._socket], [], [], left / 1e9)[0]:
                    self._collect()
        until = now() + _LATE_NS  # the newest may still be on its way
        while self._sent and len(self._sent) - 1 not in self._answered and (left := until - now()) > 0:
            if select.select([self._socket], [], [], left / 1e9)[0]:
                self._collect()

    def _send(self):
        index = len(self._sent)
        message = struct.pack("!BBHHHQ", _ECHO, 0, 0, self._identifier, index & 0xFFFF, index)
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        self._sent.append(now())
        try:
            self._socket.send(message)
        except OSError:
            pass  # no neighbour, no buffer: a probe that is not answered

    def _collect(self):
        for moment, packet in receive(self._socket):
            body = packet[(packet[0] & 0xF) * 4:]
            if len(body) >= 16:
                _type, _code, _sum, identifier, _sequence, index = struct.unpack_from("!BBHHHQ", body)
                if identifier == self._identifier:
                    self._answered.setdefault(index, moment)
