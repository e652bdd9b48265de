# SPDX-License-Identifier: BSD-2-Clause
"""Hosts on the link that say they have a virtual address, or that would fill the log."""

import ipaddress
import struct
import time

from checks import wait_until
from fifo import Fifo
from lab.capture import now
from lab.packets import GratuitousArp
from lab.routers import XvrrpRouter
from lab.segment import Segment
from lab.speaker import Message, Speaker
from lab.virtual_routers import VirtualRouter, keepalived_conf

STRANGERS_MAC = "02:00:00:00:00:77"  # the speaker's


def gratuitous_arp(address, mac=STRANGERS_MAC):
    sender, packed = bytes.fromhex(mac.replace(":", "")), ipaddress.ip_address(address).packed
    return (b"\xff" * 6 + sender + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
            + sender + packed + bytes(6) + packed)


def test_a_claim_is_told_and_answered(run, xvrrpd, vrrpctl):
    segment = Segment(run, {"dut": 1, "tst": 2})
    router = XvrrpRouter(run, segment.hosts["dut"], keepalived_conf([
        VirtualRouter(7, ("192.0.2.100/32",), interval=0.1,
                      extra=("garp_master_delay 0", "garp_master_repeat 1"))]))
    with segment.capture() as capture, Speaker(segment.hosts["tst"], segment.interface) as speaker:
        router.start()
        router.wait_state(10, "MASTER")
        capture.wait(GratuitousArp, 5, 0, port="dut")
        since = now()
        for _claim in range(5):
            speaker.send_frame(gratuitous_arp("192.0.2.100"))
        capture.wait(GratuitousArp, 5, since, port="dut")
        wait_until(lambda: router.counters(7).get("claimed") == 5, what="the counter")
        wait_until(lambda: STRANGERS_MAC in router.log.read_text(), what="a line in the log")
        assert len(capture.select(GratuitousArp, since, port="dut")) == 1, "once in ten seconds"
        assert router.log.read_text().count("says that it has the virtual address 192.0.2.100") == 1
        findings = router.vrrpctl("doctor", "--json", check=False).stdout
        assert "address_claimed" in findings and STRANGERS_MAC in findings


def test_losing_adverts_do_not_fill_the_log(run, xvrrpd):
    """One each 5 ms, to a Master whose pipe nobody reads."""
    fifo = Fifo(run)
    segment = Segment(run, {"dut": 1, "tst": 2})
    router = XvrrpRouter(run, segment.hosts["dut"], keepalived_conf(
        [VirtualRouter(7, ("192.0.2.100/32",), interval=0.1)],
        f"global_defs {{\n notify_fifo {fifo.path}\n}}\n"))
    losing = Message(7, ("192.0.2.100",), "192.0.2.2", priority=1, interval=10)

    def lines():
        return router.log.read_text().count(f"notify_fifo {fifo.path}: nobody reads it")
    with Speaker(segment.hosts["tst"], segment.interface) as speaker:
        router.start()
        router.wait_state(10, "MASTER")
        with speaker.repeating(losing, 0.005):
            wait_until(lambda: lines() > 0, 60, "a full pipe")
            first = time.monotonic()
            wait_until(lambda: "lines like it were left out" in router.log.read_text(), 60, "what was left out")
            assert lines() <= 20 + 2 + (time.monotonic() - first)
