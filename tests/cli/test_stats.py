# SPDX-License-Identifier: BSD-2-Clause
"""stats: what the data plane counted."""

import re
import time

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


HOST_MIB = ["vrrpv3RouterChecksumErrors", "vrrpv3RouterVersionErrors", "vrrpv3RouterVrIdErrors"]
ROUTER_MIB = ["vrrpv3StatisticsRcvdAdvertisements", "vrrpv3StatisticsAdvIntervalErrors", "vrrpv3StatisticsIpTtlErrors",
              "vrrpv3StatisticsRcvdPriZeroPackets", "vrrpv3StatisticsRcvdInvalidTypePackets",
              "vrrpv3StatisticsAddressListErrors", "vrrpv3StatisticsPacketLengthErrors"]
DAEMON_MIB = ["vrrpv3StatisticsMasterTransitions", "vrrpv3StatisticsNewMasterReason", "vrrpv3StatisticsSentPriZeroPackets"]


def test_rfc6527_without_a_daemon(host):
    host.load("--vrid", "51")
    host.send(v2(51), v2(51), bad_ttl(51), bad_checksum(51), bad_checksum(52), v2(53))
    answer = host.json("stats")
    assert list(answer["rfc6527"]) == HOST_MIB
    assert nonzero(answer["rfc6527"]) == {"vrrpv3RouterChecksumErrors": 2, "vrrpv3RouterVrIdErrors": 1}
    four = answer["virtual_routers"][0]
    assert list(four["rfc6527"]) == ROUTER_MIB and four["daemon"] is None
    assert nonzero(four["rfc6527"]) == {"vrrpv3StatisticsRcvdAdvertisements": 2, "vrrpv3StatisticsIpTtlErrors": 1}
    text = host.vrrpctl("stats", "--rfc6527").stdout.splitlines()
    assert text[0] == "this host" and "                   2  vrrpv3RouterChecksumErrors" in text
    assert "eth0: VRID 51, IPv4" in text
    assert {line.split()[-1] for line in text if "vrrpv3" in line} == {*HOST_MIB, *ROUTER_MIB}


def test_rfc6527_beside_a_daemon(host, tmp_path):
    host.start_xvrrpd(tmp_path)
    deadline = time.monotonic() + 15
    while '"MASTER"' not in host.vrrpctl("status", "--json").stdout:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    host.send(v2(150, priority=0), v2(150, priority=1))
    (router,) = host.json("stats")["virtual_routers"]
    assert list(router["rfc6527"]) == [*ROUTER_MIB, *DAEMON_MIB]
    assert router["rfc6527"]["vrrpv3StatisticsMasterTransitions"] == router["daemon"]["became_master"] == 1
    assert router["rfc6527"]["vrrpv3StatisticsNewMasterReason"] == "master-no-response"
    assert router["rfc6527"]["vrrpv3StatisticsRcvdPriZeroPackets"] == 1
    assert router["rfc6527"]["vrrpv3StatisticsRcvdAdvertisements"] == 2
    assert router["daemon"]["adverts_sent"] >= 1 and router["daemon"]["priority_zero_sent"] == 0
    assert re.search(r"^ +\d+  adverts sent, 0 of them priority 0; became Master 1 times$",
                     host.vrrpctl("stats").stdout, re.M)
