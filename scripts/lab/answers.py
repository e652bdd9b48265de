# SPDX-License-Identifier: BSD-2-Clause
"""A host that asks for a virtual address all the time, and which routers answer.

Every millisecond: who has the address (ARP, or a Neighbor Solicitation), and to each router's own MAC an echo request
for the address, so that each router's willingness is seen for itself, whoever the others believe. Answers are recorded
where they leave the router, at its port of the switch.
"""

import ipaddress
import os
import struct
import threading
import time
from bisect import bisect_right
from dataclasses import dataclass

from .capture import Capture, now, sender
from .packets import ETH_ARP, ETH_IPV4, ETH_IPV6, PROTOCOL_ICMP, PROTOCOL_ICMPV6, checksum, decode, pseudo_header

_ARP_REPLY = 2
_ECHO_REPLY, _ECHO6_REPLY, _NEIGHBOR_ADVERTISEMENT = 0, 129, 136
_SOLICITED = 0x40
_BROADCAST = b"\xff" * 6
# An answer on a busy machine is not later than this.
_LATE_NS = 200_000_000


@dataclass(slots=True)
class Answer:
    """An ARP reply, solicited Neighbor Advertisement or echo reply."""
    time: int  # as it left its port
    segment: str
    port: str
    question: str  # "neighbour" or "echo"
    address: bytes  # who answers
    mac: str  # neighbour: the MAC it tells; echo: the frame's
    index: int  # echo: of the probe


def decode_answer(moment, segment, port, frame):
    """What a router says to this host; adverts and announcements are left to lab.packets."""
    ether_type = int.from_bytes(frame[12:14], "big")
    if ether_type == ETH_ARP:
        if frame[21] == _ARP_REPLY and frame[0] & 1 == 0:
            return Answer(moment, segment, port, "neighbour", frame[28:32], frame[22:28].hex(":"), 0)
        return decode(moment, segment, port, frame)
    if ether_type == ETH_IPV4 and frame[23] == PROTOCOL_ICMP and frame[34] == _ECHO_REPLY:
        return Answer(moment, segment, port, "echo", frame[26:30], frame[6:12].hex(":"), _index(frame[42:46]))
    if ether_type == ETH_IPV6 and frame[20] == PROTOCOL_ICMPV6:
        if frame[54] == _ECHO6_REPLY:
            return Answer(moment, segment, port, "echo", frame[22:38], frame[6:12].hex(":"), _index(frame[62:66]))
        if frame[54] == _NEIGHBOR_ADVERTISEMENT and frame[58] & _SOLICITED:
            return Answer(moment, segment, port, "neighbour", frame[62:78], frame[6:12].hex(":"), 0)
        return None
    return decode(moment, segment, port, frame)


def _index(payload):
    return struct.unpack("!I", payload)[0]


class Asker:
    """A capture of the routers' ports and the host that asks; a context manager. Bounded: at most `seconds` long."""

    def __init__(self, segment, host, routers, interval=0.001, seconds=120):
        self.capture = Capture(decode_answer).add(segment.name, segment.switch, routers)
        self._segment, self._host, self._seconds = segment, host, seconds
        self._interval_ns = int(interval * 1e9)
        self._mac = bytes.fromhex(segment.mac(host).replace(":", ""))
        self._macs = {router: bytes.fromhex(segment.mac(router).replace(":", "")) for router in routers}
        # One socket for each kind of question: none waits behind another.
        self._sockets = [sender(segment.hosts[host], segment.interface) for _each in range(1 + len(routers))]
        self._sent = []
        self._target = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="asker", daemon=True)
        # A router that would first have to look for this host answers late, and for what it was asked long ago.
        for router in routers:
            for family in (4, 6):
                segment.hosts[router].ip("neigh", "replace", segment.address(host, family), "lladdr", segment.mac(host),
                                         "dev", segment.interface, "nud", "permanent")

    def __enter__(self):
        self.capture.__enter__()
        return self

    def __exit__(self, *exception):
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self.capture.__exit__(*exception)
        for sending in self._sockets:
            sending.close()

    def begin(self, target):
        """Starts to ask for an address."""
        self._target = ipaddress.ip_address(target)
        family = self._target.version
        self._source = ipaddress.ip_address(self._segment.address(self._host, family))
        self._thread.start()

    # ---- what was answered ----

    def answers(self, port, since=0, **fields):
        """A router's answers for the address, oldest first."""
        return self.capture.select(Answer, since, port=port, address=self._target.packed, **fields)

    def wait(self, port, timeout=10, since=None, count=20):
        """Waits until a router has answered both kinds of question so many times."""
        since = now() if since is None else since
        for question in ("echo", "neighbour"):
            self.capture.wait(Answer, timeout, since, count, port=port, address=self._target.packed, question=question)

    def last_answer(self, port, since, until):
        """When a router answered last before a moment; None: not at all."""
        times = [answer.time for answer in self.answers(port, since)]
        at = bisect_right(times, until)
        return times[at - 1] if at else None

    def asked(self, since, until):
        """How often it was asked between two moments."""
        return sum(since <= moment < until for moment in self._sent)

    def lost(self, port, since, until):
        """When the echo requests of a span of time were sent that the router did not answer."""
        in_time = {answer.index for answer in self.answers(port, since, question="echo")
                   if answer.time - self._sent[answer.index] < _LATE_NS}
        return [moment for index, moment in enumerate(self._sent) if since <= moment < until and index not in in_time]

    # ---- questions ----

    def _ask(self):
        # The questions are the clock of what is measured: a busy machine must not stop them.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -15)
        neighbour = self._neighbour_question()
        due = time.monotonic_ns()
        end = due + int(self._seconds * 1e9)
        while not self._stopping.is_set() and due < end:
            index = len(self._sent)
            self._sent.append(now())
            self._send(0, neighbour)
            for number, mac in enumerate(self._macs.values(), 1):
                self._send(number, self._echo(mac, number, index))
            due = max(due + self._interval_ns, time.monotonic_ns())
            time.sleep(max(0, due - time.monotonic_ns()) / 1e9)

    def _send(self, socket_number, frame):
        try:
            self._sockets[socket_number].send(frame)
        except OSError:
            pass  # no buffer: a question that is not answered

    def _neighbour_question(self):
        if self._target.version == 4:
            return (_BROADCAST + self._mac + struct.pack("!HHHBBH", ETH_ARP, 1, ETH_IPV4, 6, 4, 1)
                    + self._mac + self._source.packed + bytes(6) + self._target.packed + bytes(18))
        group = bytes.fromhex("ff0200000000000000000001ff") + self._target.packed[13:]
        body = struct.pack("!BBHI", 135, 0, 0, 0) + self._target.packed + b"\x01\x01" + self._mac
        return b"\x33\x33" + group[12:] + self._mac + self._ipv6(group, body)

    def _echo(self, mac, identifier, index):
        kind = 8 if self._target.version == 4 else 128
        body = struct.pack("!BBHHHI", kind, 0, 0, identifier, index & 0xFFFF, index) + bytes(16)
        if self._target.version == 6:
            return mac + self._mac + self._ipv6(self._target.packed, body)
        body = body[:2] + checksum(body).to_bytes(2, "big") + body[4:]
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, PROTOCOL_ICMP, 0)
        head += self._source.packed + self._target.packed
        head = head[:10] + checksum(head).to_bytes(2, "big") + head[12:]
        return mac + self._mac + struct.pack("!H", ETH_IPV4) + head + body

    def _ipv6(self, destination, body):
        pseudo = pseudo_header(self._source.packed, destination, len(body), PROTOCOL_ICMPV6)
        body = body[:2] + checksum(pseudo + body).to_bytes(2, "big") + body[4:]
        head = struct.pack("!HIHBB", ETH_IPV6, 6 << 28, len(body), PROTOCOL_ICMPV6, 255)
        return head + self._source.packed + destination + body
