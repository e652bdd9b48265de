# SPDX-License-Identifier: BSD-2-Clause
"""What RFC 9568 7.1 and RFC 3768 7.1 discard, said to a multicast router of each kind: counted under its reason, as
often as it was said, and otherwise as if it had not been. And what only looks odd, and is heard.

The packets are scapy's, or bytes of one bent by hand. (test_bad_packets.py does the same to a router with unicast peers
and a password.)
"""

import random
import time
from dataclasses import dataclass
from itertools import cycle

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.vrrp import VRRP, VRRPv3
from scapy.packet import Raw

from arena import Arena, contenders
from checks import wait_until
from lab.capture import now
from lab.packets import checksum, pseudo_header
from lab.run import Run

KINDS = {  # version, family, interval
    "v2": (2, 4, 1.0),
    "v3-ipv4": (3, 4, 0.2),
    "v3-ipv6": (3, 6, 0.2),
}
COPIES = 25
DUT, STRANGER = {4: "192.0.2.251", 6: "fe80::fb"}, {4: "192.0.2.252", 6: "fe80::fc"}
GROUP = {4: "224.0.0.18", 6: "ff02::12"}
VRID = {"v2": 101, "v3-ipv4": 1, "v3-ipv6": 1}
ADDRESSES = {"v2": ["10.8.2.101"], "v3-ipv4": ["10.8.3.1"], "v3-ipv6": ["fe80::a:1", "2001:db8::a:1"]}
INTERVAL = {"v2": 1, "v3-ipv4": 20, "v3-ipv6": 20}
FLOOD, FUZZ = 10_000, 20_000


@pytest.fixture(scope="module")
def arena(xvrrpd):
    with Run() as run, Arena(run, contenders({"plain": {}}, KINDS)) as arena:
        arena.dut.start()
        yield arena


# ---- packets ----


def advert(kind, ip=None, **fields):
    """An advert that would silence the router, but for what is given: fields of scapy's layers."""
    family = KINDS[kind][1]
    fields = {"vrid": VRID[kind], "priority": 254, "addrlist": ADDRESSES[kind], "adv": INTERVAL[kind], **fields}
    ip = {"src": STRANGER[family], "dst": GROUP[family], **(ip or {})}
    if family == 6:
        return IPv6(**{"hlim": 255, "nh": 112, **ip}) / VRRPv3(**fields)
    return IP(**{"ttl": 255, "proto": 112, **ip}) / (VRRP if kind == "v2" else VRRPv3)(**fields)


def carried(kind, message, ip=None):
    """A message in an IP packet."""
    head = advert(kind, ip)
    head.remove_payload()
    return head / Raw(message)


def good_message(kind, **fields):
    """The bytes of a good message."""
    packet = bytes(advert(kind, **fields))
    return packet[40 if KINDS[kind][1] == 6 else 20:]


def summed(kind, message, with_pseudo_header=None):
    """The message with its checksum made right, in the form of its kind or the other one."""
    version, family, _interval = KINDS[kind]
    message = bytes(message[:6]) + b"\0\0" + bytes(message[8:])
    covered = message
    if with_pseudo_header if with_pseudo_header is not None else version == 3:
        addresses = bytes(advert(kind))[8:40] if family == 6 else bytes(advert(kind))[12:20]
        half = len(addresses) // 2
        covered = pseudo_header(addresses[:half], addresses[half:], len(message)) + message
    return message[:6] + checksum(covered).to_bytes(2, "big") + message[8:]


def bent(kind, **bytes_at):
    """A message with other bytes at places (b0, b1, ...) and a right checksum."""
    message = bytearray(good_message(kind))
    for place, value in bytes_at.items():
        message[int(place[1:])] = value
    return carried(kind, summed(kind, message))


@dataclass(frozen=True)
class Case:
    kind: str
    reason: str
    packet: object


def of_every_kind(kind):
    version, family, _interval = KINDS[kind]
    limit = "ttl" if family == 4 else "hlim"
    for value in (0, 1, 64, 254):
        yield f"ttl-{value}", "ttl", advert(kind, {limit: value})
    for other in (0, 1, 4, 15):
        yield f"version-{other}", "version", bent(kind, b0=other << 4 | 1)
    for type_ in (0, 2, 15):
        yield f"type-{type_}", "type", bent(kind, b0=version << 4 | type_)
    for length in (0, 4, 7):
        yield f"{length}-bytes", "length", carried(kind, good_message(kind)[:length])
    yield "fewer-addresses-than-counted", "length", bent(kind, b3=len(ADDRESSES[kind]) + 1)
    yield "255-addresses-counted", "length", bent(kind, b3=255)
    yield "checksum", "checksum", advert(kind, chksum=0x1234)
    yield "checksum-zero", "checksum", advert(kind, chksum=0)
    yield "unknown-vrid", "unknown_vrid", advert(kind, vrid=77)
    yield "vrid-zero", "unknown_vrid", advert(kind, vrid=0)
    yield "no-addresses", "no_addresses", bent_count_zero(kind)
    yield "own-address", "own_source", advert(kind, {"src": DUT[family]})


def bent_count_zero(kind):
    message = good_message(kind)
    rest = bytes(8) if kind == "v2" else b""
    return carried(kind, summed(kind, message[:3] + b"\0" + message[4:8] + rest))


def of_ipv4(kind):
    other = "v3-ipv4" if kind == "v2" else "v2"
    yield "of-the-other-version", "version", advert(other, vrid=VRID[kind])
    yield "ip-checksum", "ip_checksum", advert(kind, {"chksum": 0x1234})
    for source in ("0.0.0.0", "127.0.0.1", "224.0.0.18", "255.255.255.255"):
        yield f"source-{source}", "source", advert(kind, {"src": source})
    yield "first-fragment", "fragment", advert(kind, {"flags": "MF"})
    yield "last-fragment", "fragment", advert(kind, {"frag": 3})
    yield "unicast", "destination", advert(kind, {"dst": DUT[4]})


def of_v2(kind):
    for seconds in (0, 2, 255):
        yield f"interval-{seconds}", "v2_interval", advert(kind, adv=seconds)
    for type_ in (1, 2, 7, 255):
        yield f"authentication-{type_}", "auth_type", bent(kind, b4=type_)
    yield "no-authentication-data", "length", carried(kind, summed(kind, good_message(kind)[:-8]))
    yield "half-of-the-authentication-data", "length", carried(kind, summed(kind, good_message(kind)[:-4]))
    yield "checksum-with-pseudo-header", "checksum", carried(kind, summed(kind, good_message(kind), True))


def of_v3(kind):
    yield "zero-interval", "zero_interval", advert(kind, adv=0)
    yield "zero-interval-and-reserved-bits", "zero_interval", bent(kind, b4=0xF0, b5=0)


def of_ipv6(kind):
    message = bytearray(good_message(kind))
    message[8:24], message[24:40] = message[24:40], message[8:24]
    yield "first-address-is-global", "not_link_local", carried(kind, summed(kind, message))
    yield "checksum-without-pseudo-header", "checksum", carried(kind, summed(kind, message, False))
    for source in ("2001:db8::fc", "::1", "::", "ff02::12"):
        yield f"source-{source}", "source", advert(kind, {"src": source})
    yield "unicast", "destination", advert(kind, {"dst": DUT[6]})


def bad_cases():
    for kind, (version, family, _interval) in KINDS.items():
        groups = [of_every_kind, of_ipv4 if family == 4 else of_ipv6, of_v2 if version == 2 else of_v3]
        for group in groups:
            for name, reason, packet in group(kind):
                yield f"{kind}-{name}", Case(kind, reason, packet)


BAD = dict(bad_cases())


# ---- what becomes of them ----


def contender(arena, kind):
    return arena.contenders[f"{kind}:plain"]


def say(arena, case, copies=COPIES):
    """What is addressed to the DUT has its MAC."""
    to = arena.mac if case.packet.dst in DUT.values() else None
    return arena.speaker.say(case.packet, copies, to)


def changes(arena, before):
    return {name: value - before.get(name, 0) for name, value in arena.dut.counters().items()
            if value != before.get(name, 0)}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_master_is_not_disturbed(arena, case):
    """Counted exactly, and nothing else: it stays Master, and says nothing but its adverts."""
    ours = contender(arena, case.kind)
    arena.ensure_master(ours)
    before = arena.dut.counters()
    say(arena, case)
    wait_until(lambda: sum(changes(arena, before).values()) >= COPIES, what=f"{COPIES} packets counted")
    assert changes(arena, before) == {case.reason: COPIES}
    assert arena.state(ours) == "MASTER"


@pytest.mark.parametrize("kind", KINDS)
def test_the_timer_of_a_backup_runs_on(arena, kind):
    """All of them, again and again, while the Backup waits: it takes over as if it had heard nothing."""
    ours = contender(arena, kind)
    packets = cycle([case for case in BAD.values() if case.kind == kind])
    start = arena.as_backup(ours)
    deadline = now() + 10_000_000_000
    while not (taken := arena.ours(ours, start.time)) and now() < deadline:
        say(arena, next(packets), copies=1)
        time.sleep(0.01)
    assert taken, "no takeover"
    arena.assert_timer(ours, start, ours.router.master_down())


@pytest.mark.parametrize("kind", KINDS)
def test_each_bit_of_the_checksum_counts(arena, kind):
    ours = contender(arena, kind)
    arena.ensure_master(ours)
    before = arena.dut.counters()
    message = good_message(kind)
    right = int.from_bytes(message[6:8], "big")
    for bit in range(16):
        arena.speaker.say(carried(kind, message[:6] + (right ^ 1 << bit).to_bytes(2, "big") + message[8:]))
    wait_until(lambda: sum(changes(arena, before).values()) >= 16, what="16 packets counted")
    assert changes(arena, before) == {"checksum": 16}
    assert arena.state(ours) == "MASTER"


# ---- what only looks odd ----


def padded(kind):
    """To the shortest frame Ethernet has, with rubbish."""
    return bytes(advert(kind)) + b"\xa5" * 20


def with_options(kind):
    """An IPv4 header of six words."""
    nops = [b"\x01\x01\x01\x00"]
    return IP(src=STRANGER[4], dst=GROUP[4], ttl=255, proto=112, options=nops) / Raw(good_message(kind))


def with_authentication_data(kind):
    """Type 0 says that there is none: what stands there is ignored."""
    message = good_message(kind)
    return carried(kind, summed(kind, message[:-8] + b"ignored!"))


def odd_cases():
    for kind, (version, family, _interval) in KINDS.items():
        yield f"{kind}-padded", kind, padded(kind), set()
        yield f"{kind}-other-addresses", kind, advert(kind, addrlist=["fe80::77"] if family == 6 else ["10.8.9.9"]), {
            "address_list"}
        yield f"{kind}-more-addresses", kind, advert(
            kind, addrlist=[*ADDRESSES[kind], "2001:db8::77" if family == 6 else "10.8.9.9"]), {"address_list"}
        if family == 4:
            yield f"{kind}-ip-options", kind, with_options(kind), set()
        if version == 2:
            yield f"{kind}-authentication-data-of-type-0", kind, with_authentication_data(kind), set()
        for name, message in trailing(kind):
            yield f"{kind}-{name}", kind, carried(kind, message), {"trailing"}
        if version == 3:
            yield f"{kind}-reserved-bits", kind, bent(kind, b4=0xF0), set()
            yield f"{kind}-other-interval", kind, advert(kind, adv=33), {"interval_differs"}
    yield "v3-ipv4-checksum-without-pseudo-header", "v3-ipv4", carried(
        "v3-ipv4", summed("v3-ipv4", good_message("v3-ipv4"), False)), {"checksum_message"}


def trailing(kind):
    """Bytes after the message, inside the IP packet: summed or not."""
    more = b"\xde\xad\xbe\xef"
    yield "trailing-bytes", good_message(kind) + more
    yield "trailing-bytes-in-the-checksum", summed(kind, good_message(kind) + more)


ODD = {name: rest for name, *rest in odd_cases()}


@pytest.mark.parametrize("kind, packet, notes", ODD.values(), ids=ODD)
def test_odd_but_good(arena, kind, packet, notes):
    """A Master yields to it, and what is odd is counted."""
    ours = contender(arena, kind)
    arena.ensure_master(ours)
    before = arena.dut.counters()
    arena.speaker.say(packet)
    wait_until(lambda: arena.state(ours) == "BACKUP", what="BACKUP")
    moved = changes(arena, before)
    assert moved == {"master_heard": 1, **{note: 1 for note in notes}}


def test_reserved_bits_are_not_interval(arena):
    ours = contender(arena, "v3-ipv4")
    arena.ensure_master(ours)
    arena.speaker.say(bent("v3-ipv4", b4=0xF0, b5=40))
    wait_until(lambda: arena.state(ours) == "BACKUP", what="BACKUP")
    status = arena.dut.instance(ours.router.vrid, 4)
    assert status["timers"]["master_adver_interval_ms"] == pytest.approx(400)


# ---- many of them ----


def test_a_flood_of_bad_adverts_is_logged_in_a_few_lines(arena):
    for kind in KINDS:
        arena.ensure_master(contender(arena, kind))
    lines, before = len(arena.dut.log_tail(100_000).splitlines()), arena.dut.counters()
    for kind in KINDS:
        say(arena, BAD[f"{kind}-checksum"], copies=FLOOD)
    wait_until(lambda: changes(arena, before).get("checksum") == FLOOD * len(KINDS), what="all of them counted")

    def is_logged():
        say(arena, BAD["v2-checksum"], copies=1)  # a kind of packet may wait its turn behind another for a second
        return "counted as checksum" in arena.dut.log_tail(100_000)

    wait_until(is_logged, what="a line about it")
    assert len(arena.dut.log_tail(100_000).splitlines()) - lines < 10
    assert [arena.state(contender(arena, kind)) for kind in KINDS] == ["MASTER"] * len(KINDS)


def test_random_bytes(arena):
    """Any bytes as a message, to every kind: nothing happens but counting."""
    chance = random.Random(112)
    for kind in KINDS:
        arena.ensure_master(contender(arena, kind))
    statuses = [arena.dut.instance(ours.router.vrid, ours.router.family)["counters"]["became_master"]
                for ours in arena.contenders.values()]
    heads = [bytes(carried(kind, b"")) for kind in KINDS]
    for number in range(FUZZ):
        head = heads[number % len(heads)]
        body = bytearray(chance.randbytes(chance.randrange(64)))
        if len(body) > 1 and number % 2:  # half of them get farther
            body[0], body[1] = 0x31, 1
        arena.speaker.say(with_length(head, body))
    for kind in KINDS:
        arena.next_advert(contender(arena, kind), now())
    assert arena.dut.is_running()
    assert statuses == [arena.dut.instance(ours.router.vrid, ours.router.family)["counters"]["became_master"]
                        for ours in arena.contenders.values()]


def with_length(head, body):
    """The IP packet whose header is given, with this body."""
    if head[0] >> 4 == 6:
        return head[:4] + len(body).to_bytes(2, "big") + head[6:] + bytes(body)
    head = head[:2] + (20 + len(body)).to_bytes(2, "big") + head[4:10] + b"\0\0" + head[12:]
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + bytes(body)
