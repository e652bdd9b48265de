# SPDX-License-Identifier: BSD-2-Clause
"""What reaches another VRRP daemon on the host."""

import contextlib

import pytest

from adverts import bad_checksum, bad_ttl, six, v2, v3
from conftest import received

FOUR = 0x0800
SIX = 0x86DD


def vrids_at(packets):
    """Of IPv4 packets as a raw socket gives them."""
    return [packet[21] for packet in packets]


def frames_of(packets, ether_type, next_header):
    """Frames of VRRP as a packet socket gives them."""
    at = 23 if ether_type == FOUR else 20
    return [packet for packet in packets
            if packet[12:14] == ether_type.to_bytes(2, "big") and packet[at] == next_header]


@pytest.mark.parametrize("mode", ["native", "skb"])
def test_shield(host, mode):
    with contextlib.closing(host.listen()) as daemon, contextlib.closing(host.tap()) as tap:
        host.load("--vrid", "51", "--mode", mode)
        host.send(v2(51), v2(52), bad_checksum(51), bad_ttl(51), v3(51), v3(53), six(51), six(52))
        assert vrids_at(received(daemon)) == [51, 51]
        seen = received(tap)
        assert [frame[35] for frame in frames_of(seen, FOUR, 112)] == [51, 51]
        assert [frame[55] for frame in frames_of(seen, SIX, 112)] == [51]


@pytest.mark.parametrize("mode", ["native", "skb"])
def test_observer_lets_everything_through(host, mode):
    with contextlib.closing(host.listen()) as daemon, contextlib.closing(host.tap()) as tap:
        host.load("--mode", mode)
        host.send(v2(51), v2(52), bad_checksum(53), bad_ttl(54), v3(55), six(56))
        assert vrids_at(received(daemon)) == [51, 52, 53, 54, 55]
        assert len(frames_of(received(tap), SIX, 112)) == 1


def test_the_shield_leaves_other_traffic_alone(host):
    host.wire.ip("addr", "add", "192.168.1.12/24", "dev", "peer")
    host.load("--vrid", "51")
    host.wire.run("ping", "-c", "2", "-i", "0.1", "-W", "1", "192.168.1.11")


def test_nothing_of_it_is_left(host):
    with contextlib.closing(host.listen()) as daemon:
        host.load("--vrid", "51")
        assert host.vrrpctl("unload", "eth0").returncode == 0
        assert host.leaves_nothing()
        host.send(v2(52))
        assert vrids_at(received(daemon)) == [52]
