# SPDX-License-Identifier: BSD-2-Clause
"""vrrpctl doctor: what is wrong is found with its remedy, and a pair that is well is silent."""

import json
import os
import re
import signal

import pytest

from checks import wait_until
from conftest import REPOSITORY
from lab import configs
from lab.network import INTERFACE, UPLINK
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import BRIDGE
from lab.segment import INTERFACE as LAN
from lab.segment import Segment
from lab.speaker import Message, Speaker
from lab.staging import staged
from lab.timers import Timers
from lab.virtual_routers import VirtualRouter, keepalived_conf

ROUTER = VirtualRouter(51, ("192.0.2.51/24",), interval=0.2)


@pytest.fixture
def lan(run, xvrrpd):
    return Segment(run, {"dut": 10, "tst": 20})


class SkbRouter(XvrrpRouter):
    def argv(self):
        return [*super().argv(), "--mode", "skb"]


def started(run, lan, make=XvrrpRouter):
    router = make(run, lan.hosts["dut"], keepalived_conf([ROUTER]))
    router.start()
    return router


def examine(router, *words):
    """The exit code, and what was found by code."""
    done = router.vrrpctl("doctor", "-f", str(router.file), "--json", *words, check=False)
    answer = json.loads(done.stdout)
    assert answer["schema"] == 1
    found = {finding["code"]: finding for finding in answer["findings"]}
    assert done.returncode == (1 if any(one["severity"] != "note" for one in found.values()) else 0), done
    for finding in found.values():
        assert finding["what"] and finding["remedy"]
    return found


def test_a_pair_that_is_well_is_silent(run, xvrrpd):
    with staged(run, (XvrrpRouter, XvrrpRouter), configs.guide, Timers(2, 1000)) as stage:
        stage.begin()
        for router in stage.routers.values():
            done = router.vrrpctl("doctor", check=False)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

        dent2 = stage.routers["dent2"]
        dent2.namespace.sysctl("net.ipv4.ip_forward", 0)
        found = examine(dent2)
        assert set(found) == {"forwarding_off"}
        assert found["forwarding_off"]["where"] in (INTERFACE, UPLINK)
        dent2.namespace.run(*found["forwarding_off"]["remedy"].split())
        assert examine(dent2) == {}


def test_answers_that_a_strict_filter_drops(run, lan):
    host = lan.hosts["dut"]
    host.ip("link", "add", "up0", "type", "veth", "peer", "name", "up1")
    host.sysctl("net.ipv4.ip_forward", 1)
    nat = VirtualRouter(51, ("192.0.2.51/24",), extra=(
        "virtual_nat {", "masquerade oif up0", "masquerade oif up1", "}"))
    router = XvrrpRouter(run, host, keepalived_conf([nat]))
    host.sysctl("net.ipv4.conf.all.rp_filter", 0)
    host.sysctl("net.ipv4.conf.up0.rp_filter", 0)
    host.sysctl("net.ipv4.conf.up1.rp_filter", 1)
    found = examine(router)
    assert set(found) == {"not_running", "rp_filter_strict"}
    host.run(*found["rp_filter_strict"]["remedy"].split())
    assert set(examine(router)) == {"not_running"}


def test_interfaces(run, lan):
    host = lan.hosts["dut"]
    router = XvrrpRouter(run, host, keepalived_conf([ROUTER]))
    assert set(examine(router)) == {"not_running"}
    lan.switch.ip("link", "set", "dut", "down")
    wait_until(lambda: set(examine(router)) == {"not_running", "no_carrier"}, what="no_carrier")
    host.ip("link", "set", LAN, "down")
    assert set(examine(router)) == {"not_running", "interface_down"}
    lan.switch.ip("link", "set", "dut", "up")
    host.ip("link", "set", LAN, "up")
    host.ip("address", "flush", "dev", LAN, "scope", "global")
    wait_until(lambda: set(examine(router)) == {"not_running", "no_address"}, what="no_address")
    host.ip("link", "delete", LAN)
    assert set(examine(router)) == {"not_running", "interface_missing"}


def test_more_addresses_than_a_packet_holds(run, lan):
    host = lan.hosts["dut"]
    many = VirtualRouter(51, tuple(f"10.9.0.{number}/32" for number in range(1, 201)))
    router = XvrrpRouter(run, host, keepalived_conf([many]))
    host.ip("link", "set", LAN, "mtu", "800")
    found = examine(router)
    assert set(found) == {"not_running", "mtu_small"}
    assert "828 bytes" in found["mtu_small"]["what"]


def test_a_configuration_with_an_error(run, lan):
    router = XvrrpRouter(run, lan.hosts["dut"], "vrrp_instance VI_1 {\n  no_such_word\n}\n")
    assert "configuration" in examine(router)


def test_skb_mode_and_a_drained_router(run, lan):
    router = started(run, lan, SkbRouter)
    assert set(examine(router)) == {"skb_mode"}
    router.vrrpctl("drain", "51")
    assert set(examine(router)) == {"skb_mode", "drained"}


def test_another_daemon(run, lan):
    keepalived = KeepalivedRouter(run, lan.hosts["dut"], keepalived_conf([ROUTER]))
    keepalived.start()
    router = XvrrpRouter(run, lan.hosts["dut"], keepalived_conf([ROUTER]))
    found = examine(router)
    assert set(found) == {"not_running", "other_daemon"}
    assert "keepalived" in found["other_daemon"]["where"]
    keepalived.stop()


def test_others_on_the_wire(run, lan):
    """A second Master that does not heed us, other addresses, another VRID, a checksum left to hardware."""
    router = started(run, lan)
    wait_until(lambda: router.state() == "MASTER", what="MASTER")
    assert set(examine(router)) <= {"hears_nobody"}
    message = Message(51, ("192.0.2.99",), "192.0.2.20", priority=1, interval=20)
    unknown = Message(52, ("192.0.2.52",), "192.0.2.20")
    broken = bytearray(bytes(message))
    broken[-6] ^= 1  # of the VRRP checksum
    with Speaker(lan.hosts["tst"], LAN) as speaker:
        speaker.say(unknown)
        speaker.say(broken)
        with speaker.repeating(message, 0.1):
            wanted = {"second_master", "address_list", "unknown_vrid", "checksum_offload"}
            wait_until(lambda: set(examine(router)) == wanted, what=f"{wanted}")
            assert "192.0.2.20" in examine(router)["second_master"]["what"]
    wait_until(lambda: "second_master" not in examine(router), what="the other Master's silence")


@pytest.mark.parametrize("family, first, second", [(4, "192.0.2.51/24", "192.0.2.52/24"),
                                                   (6, "fe80::51/64", "2001:db8::52/64")])
def test_a_host_with_an_address_of_the_master(run, lan, family, first, second):
    host = lan.hosts["tst"]
    both = VirtualRouter(51, (first, second), family=family, interval=0.2)
    router = XvrrpRouter(run, lan.hosts["dut"], keepalived_conf([both]))
    router.start()
    wait_until(lambda: router.state() == "MASTER", what="MASTER")
    assert set(examine(router)) <= {"hears_nobody"}
    host.ip("address", "add", second, "dev", LAN)
    assert "duplicate_address" not in examine(router, "--no-probe")
    found = examine(router)["duplicate_address"]
    assert lan.mac("tst") in found["what"] and second.partition("/")[0] in found["what"]
    assert first.partition("/")[0] not in found["what"]
    host.ip("address", "delete", second, "dev", LAN)
    assert "duplicate_address" not in examine(router)


@pytest.mark.parametrize("extra", [(), ("use_vmac",)], ids=["own-mac", "use_vmac"])
def test_a_host_with_an_address_of_a_backup(run, xvrrpd, extra):
    lan = Segment(run, {"dut": 10, "other": 11, "tst": 20})
    routers = {}
    for name, priority in (("other", 200), ("dut", 100)):
        router = VirtualRouter(51, ("192.0.2.51/24",), priority=priority, interval=0.2, extra=extra)
        routers[name] = XvrrpRouter(run, lan.hosts[name], keepalived_conf([router]))
        routers[name].start()
    wait_until(lambda: routers["other"].state() == "MASTER", what="MASTER")
    wait_until(lambda: routers["dut"].state() == "BACKUP", what="BACKUP")
    assert [set(examine(router)) - {"hears_nobody"} for router in routers.values()] == [set(), set()]
    lan.hosts["tst"].ip("address", "add", "192.0.2.51/24", "dev", LAN)
    found = examine(routers["dut"])["duplicate_address"]
    assert lan.mac("tst") in found["what"] and " and " in found["what"]


@pytest.mark.parametrize("extra", [(), ("use_vmac",)], ids=["own-mac", "use_vmac"])
def test_a_switch_that_eats_multicast(run, lan, extra):
    lan.switch.ip("link", "set", BRIDGE, "type", "bridge", "mcast_snooping", "0")
    for port in lan.hosts:
        lan.switch.run("bridge", "link", "set", "dev", port, "mcast_flood", "off")
    router = VirtualRouter(51, ("192.0.2.51/24",), interval=0.2, extra=extra)
    routers = [XvrrpRouter(run, host, keepalived_conf([router])) for host in lan.hosts.values()]
    for router in routers:
        router.start()
    wait_until(lambda: {router.state() for router in routers} == {"MASTER"}, what="two Masters")
    for router in routers:
        found = examine(router)
        assert set(found) - {"address_claimed"} == {"unheard_master"}, found  # each claims what the other has
        assert "snooping" in found["unheard_master"]["remedy"]
    for port in lan.hosts:
        lan.switch.run("bridge", "link", "set", "dev", port, "mcast_flood", "on")
    for router in routers:
        wait_until(lambda router=router: set(examine(router)) <= {"hears_nobody", "address_claimed"}, what="one Master")


def test_a_daemon_that_hangs_is_fenced(run, lan):
    router = started(run, lan)
    wait_until(lambda: router.state() == "MASTER", what="MASTER")
    os.kill(router.pid(), signal.SIGSTOP)
    try:
        wait_until(lambda: {"not_answering", "fenced"} <= set(examine(router)), timeout=20, what="the fence")
    finally:
        os.kill(router.pid(), signal.SIGCONT)
    wait_until(lambda: not {"not_answering", "fenced"} & set(examine(router)), timeout=20, what="its return")


def test_who_may_not_start_it(run, lan):
    router = XvrrpRouter(run, lan.hosts["dut"], keepalived_conf([ROUTER]))
    done = router.namespace.run("setpriv", "--bounding-set=-all", "--inh-caps=-all", str(router.binaries / "vrrpctl"),
                                "doctor", "-f", str(router.file), "--instance", router.namespace.name, check=False)
    assert done.returncode == 1
    assert "error capability_missing: " in done.stdout and "CAP_BPF" in done.stdout


def test_every_code_is_explained(run, lan):
    router = XvrrpRouter(run, lan.hosts["dut"], keepalived_conf([ROUTER]))
    done = router.vrrpctl("doctor", "-f", str(router.file), "--json", check=False)
    page = (REPOSITORY / "docs/troubleshoot.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.M) == json.loads(done.stdout)["codes"]
