# SPDX-License-Identifier: BSD-2-Clause
"""A host that says whatever a VRRP router might, right or wrong."""

import contextlib
import ipaddress
import os
import struct
import threading
from dataclasses import dataclass, replace

from .capture import now, sender
from .conformance import GROUPS, group_mac
from .packets import ETH_IPV4, ETH_IPV6, PROTOCOL_VRRP, checksum, pseudo_header


@dataclass(frozen=True)
class Message:
    """An advert to send. dataclasses.replace() makes variations of it."""
    vrid: int
    addresses: tuple
    source: str
    priority: int = 200
    version: int = 3
    interval: int = 100  # as on the wire
    destination: str | None = None  # the group, unless given
    pseudo_header: bool = True  # v3/IPv4

    def __bytes__(self):
        """The IP packet."""
        source = ipaddress.ip_address(self.source)
        destination = ipaddress.ip_address(self.destination or GROUPS[source.version])
        kind, count = self.version << 4 | 1, len(self.addresses)
        body = struct.pack("!4BHH", kind, self.vrid, self.priority, count, self.interval, 0)
        body += b"".join(ipaddress.ip_address(address).packed for address in self.addresses)
        if self.version == 2:
            body += bytes(8)
        covered = body
        if self.version == 3 and (source.version == 6 or self.pseudo_header):
            covered = pseudo_header(source.packed, destination.packed, len(body)) + body
        body = body[:6] + checksum(covered).to_bytes(2, "big") + body[8:]
        if source.version == 6:
            head = struct.pack("!IHBB", 6 << 28, len(body), PROTOCOL_VRRP, 255)
            return head + source.packed + destination.packed + body
        head = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(body), 0, 0, 255, PROTOCOL_VRRP, 0)
        head += source.packed + destination.packed
        return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + body


class Speaker:
    """Sends out of a host's interface; use it in a with-statement."""

    def __init__(self, namespace, interface, mac="02:00:00:00:00:77"):
        self._socket = sender(namespace, interface)
        self._mac = bytes.fromhex(mac.replace(":", ""))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._socket.close()

    def say(self, packet, copies=1, to=None):
        """Sends a packet (a Message, or anything that has an IP packet's bytes) to its group's MAC, or to another.
        Returns when."""
        frame = self.frame(bytes(packet), to)
        moment = now()
        for _copy in range(copies):
            self._socket.send(frame)
        return moment

    def frame(self, packet, to=None):
        ipv6 = packet[0] >> 4 == 6
        to = to or group_mac(ipaddress.ip_address(packet[24:40] if ipv6 else packet[16:20]))
        return (bytes.fromhex(to.replace(":", "")) + self._mac
                + struct.pack("!H", ETH_IPV6 if ipv6 else ETH_IPV4) + packet)

    def send_frame(self, frame):
        self._socket.send(frame)

    @contextlib.contextmanager
    def repeating(self, packet, seconds):
        """Sends it at once and then every so often, as long as the with-statement lasts."""
        stop = threading.Event()

        def body():
            # A Master that a busy machine keeps waiting would lose its Backups.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -15)
            self.say(packet)
            while not stop.wait(seconds):
                self.say(packet)

        thread = threading.Thread(target=body, name="speaker", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def goodbye(message):
    """The same router's priority 0."""
    return replace(message, priority=0)
