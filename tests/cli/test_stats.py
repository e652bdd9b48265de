# SPDX-License-Identifier: BSD-2-Clause
"""stats: what the data plane counted."""

import re

from adverts import bad_checksum, bad_ttl, six, v2, v3
from conftest import ROOT, refused, run_vrrpctl

REASONS = re.findall(r"^\s+X\((\d+), (\w+), (\w+), ", (ROOT / "include/xvrrp/abi/reasons.h").read_text(), re.M)
COUNTED = [name for number, name, _ in REASONS if number != "0"]


def nonzero(counters):
    return {name: value for name, value in counters.items() if value}


def test_nothing_loaded(host):
    refused(host.vrrpctl("stats"), 3, "nothing is loaded", host.instance)


def test_privilege():
    refused(run_vrrpctl("stats", prefix=["setpriv", "--bounding-set=-bpf,-sys_admin"]), 4, "CAP_BPF")


def test_every_reason_by_name(host):
    host.load("--vrid", "51")
    answer = host.json("stats")
    assert {key: answer[key] for key in ("schema", "instance")} == {"schema": 1, "instance": host.instance}
    (interface,) = answer["interfaces"]
    assert interface["interface"] == "eth0"
    assert interface["counters"] == dict.fromkeys(COUNTED, 0)
    assert [(r["interface"], r["vrid"], r["family"]) for r in answer["virtual_routers"]] == [
        ("eth0", 51, "ipv4"), ("eth0", 51, "ipv6")]
    assert all(r["counters"] == dict.fromkeys(COUNTED, 0) for r in answer["virtual_routers"])


def test_observer_counts(host):
    host.load()
    host.send(v2(150), v2(150), v3(10), six(10), bad_checksum(150), bad_ttl(7), bad_ttl(8), b"\0" * 60)
    (interface,) = host.json("stats")["interfaces"]
    assert nonzero(interface["counters"]) == {"observed": 4, "checksum": 1, "ttl": 2}


def test_shield_counts_each_packet_once(host):
    host.load("--vrid", "51")
    host.send(v2(51), six(51), bad_ttl(51), bad_checksum(51), v2(52), v3(53), bad_ttl(52))
    answer = host.json("stats")
    (interface,) = answer["interfaces"]
    four, six_ = answer["virtual_routers"]
    assert nonzero(interface["counters"]) == {"unknown_vrid": 2, "ttl": 1}
    assert nonzero(four["counters"]) == {"observed": 1, "ttl": 1, "checksum": 1}
    assert nonzero(six_["counters"]) == {"observed": 1}


def test_text_has_only_what_was_counted(host):
    host.load("--vrid", "51")
    host.send(v2(52), v2(52), bad_ttl(51))
    assert host.vrrpctl("stats").stdout.splitlines() == [
        "eth0: packets of no virtual router here",
        "           2  unknown_vrid      VRID is not configured on this interface (RFC 9568 7.1)",
        "eth0: VRID 51, IPv4",
        "           1  ttl               TTL or Hop Limit is not 255 (RFC 9568 5.1.1.3)",
        "eth0: VRID 51, IPv6",
        "              nothing yet",
    ]


def test_from_another_namespace(host):
    """The name is the pin's: here there may be no such interface, or another of that number."""
    host.load()
    assert "eth0: packets" in run_vrrpctl("stats", "--instance", host.instance).stdout


def test_loading_anew_starts_at_zero(host):
    host.load()
    host.send(v2(150))
    assert host.vrrpctl("unload", "eth0").returncode == 0
    host.load()
    (interface,) = host.json("stats")["interfaces"]
    assert nonzero(interface["counters"]) == {}
