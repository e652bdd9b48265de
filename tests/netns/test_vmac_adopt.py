# SPDX-License-Identifier: BSD-2-Clause
"""use_vmac beyond the life of a daemon: what a killed one left is taken over, or goes; a handover."""

import json

import pytest

from checks import wait_until
from lab.run import PINS, Run
from lab.virtual_routers import VirtualRouter, keepalived_conf
from vmac_lan import INTERVAL, MACS, PRIORITIES, TARGET, VIP, VRID, Lan

PROGRAMS, LINKS = ["xvrrp_in", "xvrrp_tx"], ("in_eth0", "tx_eth0")


@pytest.fixture(params=("tcx", "clsact"))
def lan(request):
    options = ("--no-feature", "tcx") if request.param == "clsact" else ()
    with Run() as run, Lan(run, options=options) as made:
        yield made


def programs(router):
    """Name and id of each TC program on the interface: filters, and what is in the pinned links of tcx (Debian 12's
    bpftool does not find those by interface)."""
    def ask(*words):
        return json.loads(router.namespace.run("bpftool", "-j", *words).stdout)

    found = {part["id"] for net in ask("net", "show", "dev", "eth0") for part in net["tc"]}
    for pin in (PINS / router.namespace.name).glob("*_eth0"):
        if pin.name in LINKS:
            found.add(ask("link", "show", "pinned", str(pin))["prog_id"])
    return sorted((ask("prog", "show", "id", str(number))["name"], number) for number in found)


def received(router):
    """The virtual MACs in the interface's receive filter."""
    shown = router.namespace.run("bridge", "fdb", "show", "dev", "eth0").stdout
    return [mac for mac in MACS.values() if mac in shown]


def is_whole(lan):
    """Both families are reached through the virtual MACs, by one program in each direction."""
    router = lan.routers["first"]
    return (set(router.states().values()) == {"MASTER"} and [name for name, _ in programs(router)] == PROGRAMS
            and received(router) == list(MACS.values())
            and all(lan.ping(TARGET[family], 1) and lan.neighbours(family) == mac for family, mac in MACS.items()))


def test_killed_and_started(lan):
    first = lan.routers["first"]
    before = programs(first)
    first.kill()
    first.start()
    wait_until(lambda: is_whole(lan), 20, "a Master as before")
    assert not set(programs(first)) & set(before), "the programs are new ones"
    first.stop()
    assert (received(first), programs(first)) == ([], [])


def test_handed_over(lan):
    first = lan.routers["first"]
    before = programs(first)
    first.vrrpctl("handover")
    wait_until(lambda: is_whole(lan), 20, "a Master as before")
    assert not set(programs(first)) & set(before), "the programs are new ones"


@pytest.mark.parametrize("option", ((), ("--replace",)), ids=("adopted", "replaced"))
def test_killed_and_started_without_use_vmac(lan, option):
    first = lan.routers["first"]
    first.kill()
    assert received(first) == list(MACS.values()), "nobody was there to remove them"
    first.configure(keepalived_conf([VirtualRouter(VRID, (f"{VIP}/24",), 3, 4, PRIORITIES["first"], INTERVAL)]))
    argv = first.argv
    first.argv = lambda: [*argv(), *option]
    first.start()
    assert (received(first), programs(first)) == ([], [])


def test_killed_and_started_with_another_mac(lan):
    """Of two only one is wanted still."""
    first = lan.routers["first"]
    first.kill()
    first.configure(keepalived_conf([VirtualRouter(VRID, (f"{VIP}/24",), 3, 4, PRIORITIES["first"], INTERVAL,
                                                   extra=("use_vmac",))]))
    first.start()
    assert received(first) == [MACS[4]]
    assert [name for name, _ in programs(first)] == PROGRAMS
