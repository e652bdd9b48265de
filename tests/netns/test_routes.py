# SPDX-License-Identifier: BSD-2-Clause
"""Routes and rules: those of a Master, those that are there while the daemon runs, and the same as keepalived's."""

import json
from dataclasses import replace

import pytest

from checks import wait_until
from lab.routers import KeepalivedRouter, XvrrpRouter
from lab.segment import INTERFACE, Segment
from lab.virtual_routers import VirtualRouter, keepalived_conf

MEMBERS = {"one": 1, "two": 2}
VIRTUAL = "192.0.2.100"
QUIET = ("garp_master_delay 0", "garp_master_repeat 1")
GATEWAY = f"via 192.0.2.9 dev {INTERFACE}"


def block(name, *lines):
    return f"{name} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def virtual_router(routes=(), rules=(), vrid=1, address=f"{VIRTUAL}/32", **options):
    return VirtualRouter(vrid, (address,), interval=0.1, extra=(
        *QUIET, block("virtual_routes", *routes), block("virtual_rules", *rules)), **options)


def routes(host, only_ours=True):
    """As "DESTINATION TABLE", of both families."""
    found = [route for family in ("-4", "-6")
             for route in json.loads(host.run("ip", family, "-j", "route", "show", "table", "all").stdout or "[]")]
    return {f"{route['dst']} {route.get('table', 'main')}" for route in found
            if not only_ours or route.get("protocol") == "keepalived"}


def rules(host):
    """Priorities of all but the kernel's own."""
    found = [rule for family in ("-4", "-6") for rule in json.loads(host.run("ip", family, "-j", "rule").stdout)]
    return {rule["priority"] for rule in found} - {0, 32766, 32767}


@pytest.fixture
def segment(run, xvrrpd):
    return Segment(run, MEMBERS)


def start(run, segment, *virtual_routers, first="", name="one", make=XvrrpRouter):
    router = make(run, segment.hosts[name], keepalived_conf(virtual_routers, first))
    router.start()
    return router


def reload(router, *virtual_routers, first="", check=True):
    router.configure(keepalived_conf(virtual_routers, first))
    return router.vrrpctl("reload", check=check)


ROUTES = (f"10.1.0.0/16 {GATEWAY} src {VIRTUAL}", f"10.2.0.0/16 {GATEWAY} table 100 no_track",
          f"2001:db8:1::/48 via fe80::9 dev {INTERFACE}")
RULES = ("from 10.0.0.0/8 table 100 priority 1000", "inet6 iif eth0 table 100 priority 1001")
INSTALLED = {"10.1.0.0/16 main", "10.2.0.0/16 100", "2001:db8:1::/48 main"}


def test_they_come_and_go_with_the_master(run, segment):
    host = segment.hosts["one"]
    one = start(run, segment, virtual_router(ROUTES, RULES))
    one.wait_state(10, "MASTER")
    wait_until(lambda: routes(host) == INSTALLED and rules(host) == {1000, 1001}, what="the routes and rules")
    two = start(run, segment, virtual_router(ROUTES, RULES, priority=200), name="two")
    two.wait_state(10, "MASTER")
    one.wait_state(10, "BACKUP")
    wait_until(lambda: routes(host) == set() and rules(host) == set(), what="their end")
    wait_until(lambda: routes(two.namespace) == INSTALLED, what="those of the other")
    assert two.stop() == 0
    assert routes(two.namespace) == set() and rules(two.namespace) == set()
    assert "error" not in one.log_tail(100) + two.log_tail(100)


def test_a_reload_changes_what_differs(run, segment):
    host = segment.hosts["one"]
    one = start(run, segment, virtual_router(ROUTES, RULES))
    one.wait_state(10, "MASTER")
    wait_until(lambda: routes(host) == INSTALLED, what="the routes")
    became = one.instance(1)["counters"]["became_master"]
    other = virtual_router((ROUTES[1], f"10.3.0.0/16 {GATEWAY}"), (RULES[1], "to 10.3.0.0/16 table 7 priority 1002"))
    assert "1 changed" in reload(one, other).stdout
    wait_until(lambda: routes(host) == {"10.2.0.0/16 100", "10.3.0.0/16 main"} and rules(host) == {1001, 1002},
               what="the others")
    # The route whose source is an address comes with it, and stays when another address goes.
    reload(one, replace(virtual_router(ROUTES, RULES), addresses=(f"{VIRTUAL}/32", "192.0.2.101/32")))
    wait_until(lambda: routes(host) == INSTALLED, what="the first ones again")
    reload(one, virtual_router(ROUTES, RULES))
    wait_until(lambda: "192.0.2.101/32" not in host.addresses(INTERFACE), what="an end of the address")
    assert routes(host) == INSTALLED
    # A route may move to another router.
    reload(one, virtual_router(ROUTES[1:], RULES),
           virtual_router(("10.1.0.0/16 " + GATEWAY,), vrid=2, address="192.0.2.102/32"))
    wait_until(lambda: set(one.states().values()) == {"MASTER"} and routes(host) == INSTALLED, 10, "both")
    reload(one, virtual_router(("10.1.0.0/16 " + GATEWAY, *ROUTES[1:]), RULES))
    wait_until(lambda: (2, 4) not in one.states() and routes(host) == INSTALLED, 10, "one again")
    assert one.instance(1)["counters"]["became_master"] == became
    assert "error" not in one.log_tail(100)


STATIC = block("static_routes", f"10.8.0.0/16 {GATEWAY}", "blackhole 10.9.0.0/16 table 9") + block(
    "static_rules", "to 10.8.0.0/16 table 9 priority 2000")


def test_static_ones_are_there_while_the_daemon_runs(run, segment):
    host = segment.hosts["one"]
    better = start(run, segment, virtual_router(priority=200), name="two")
    better.wait_state(10, "MASTER")
    one = start(run, segment, virtual_router(), first=STATIC)
    one.wait_state(10, "BACKUP")
    assert routes(host) == {"10.8.0.0/16 main", "10.9.0.0/16 9"} and rules(host) == {2000}
    reload(one, virtual_router(), first=block("static_routes", f"10.8.0.0/16 {GATEWAY}", f"10.7.0.0/16 {GATEWAY}"))
    assert routes(host) == {"10.8.0.0/16 main", "10.7.0.0/16 main"} and rules(host) == set()
    refused = reload(one, virtual_router(), first=block("static_routes", "10.6.0.0/16 dev eth7"), check=False)
    assert refused.returncode == 1 and 'there is no interface "eth7"' in refused.stderr
    assert routes(host) == {"10.8.0.0/16 main", "10.7.0.0/16 main"}
    one.configure(keepalived_conf([virtual_router()], STATIC))
    one.vrrpctl("handover")
    assert routes(host) == {"10.8.0.0/16 main", "10.9.0.0/16 9"} and rules(host) == {2000}
    assert one.stop() == 0
    assert routes(host) == set()


def test_what_a_killed_daemon_left_goes_but_for_what_stays(run, segment):
    host = segment.hosts["one"]
    one = start(run, segment, replace(virtual_router(ROUTES, RULES), extra=(
        *virtual_router(ROUTES, RULES).extra, "lease_ms 0")), first=STATIC)
    one.wait_state(10, "MASTER")
    wait_until(lambda: routes(host) == {*INSTALLED, "10.8.0.0/16 main", "10.9.0.0/16 9"}, what="all of them")
    one.kill()
    one.configure(keepalived_conf([virtual_router(vrid=9)], block("static_routes", f"10.8.0.0/16 {GATEWAY}")))
    one.start()
    assert routes(host) == {"10.8.0.0/16 main"} and rules(host) == set()
    assert "removed 7 routes and rules that an earlier xvrrpd left" in one.log_tail(100)


def test_a_master_that_is_started_again_keeps_them(run, segment):
    host = segment.hosts["one"]
    one = start(run, segment, virtual_router(ROUTES, RULES), first=STATIC)
    one.wait_state(10, "MASTER")
    wait_until(lambda: INSTALLED < routes(host), what="the routes")
    with open(one.log.with_name("monitor"), "w+") as file:
        monitor = run.spawn(host.enter("ip", "monitor", "route", "rule"), file.name)
        one.vrrpctl("handover")
        wait_until(lambda: one.status() and one.instance(1)["reason"] == "resumed", 10, "the successor")
        monitor.terminate()
        monitor.wait(5)
        assert "Deleted" not in file.read()
    assert INSTALLED < routes(host)


def test_what_is_there_already_is_tolerated_and_stays(run, segment):
    host = segment.hosts["one"]
    host.ip("route", "add", "10.1.0.0/16", "via", "192.0.2.9", "proto", "static")
    host.ip("rule", "add", "from", "10.0.0.0/8", "table", "100", "priority", "1000")
    one = start(run, segment, virtual_router((f"10.1.0.0/16 {GATEWAY}",), RULES))
    one.wait_state(10, "MASTER")
    wait_until(lambda: rules(host) == {1000, 1001}, what="the rules")
    one.stop()
    assert "error" not in one.log_tail(100)
    assert "10.1.0.0/16 main" in routes(host, only_ours=False)
    assert rules(host) == {1000}


def test_a_refusal_is_told_in_words(run, segment):
    one = start(run, segment, virtual_router(("10.1.0.0/16 via 198.51.100.1", ROUTES[1])), first=block(
        "static_routes", "10.5.0.0/16 via 198.51.100.2 table 5"))
    one.wait_state(10, "MASTER")
    wait_until(lambda: "10.2.0.0/16 100" in routes(one.namespace), what="the route that can be")
    wait_until(lambda: "adding route 10.1.0.0/16 via 198.51.100.1: Network is unreachable" in one.log_tail(100),
               what="a line in the log")
    assert "static: adding route 10.5.0.0/16 via 198.51.100.2 table 5: Network is unreachable" in one.log_tail(100)
    # It is tried again.
    one.namespace.ip("addr", "add", "198.51.100.9/24", "dev", INTERFACE)
    wait_until(lambda: {"10.1.0.0/16 main", "10.5.0.0/16 5"} < routes(one.namespace), 10, "both")
    assert one.log_tail(100).count("198.51.100.2") == 2


@pytest.mark.parametrize("where", ("virtual_routes", "static_routes", "virtual_rules"))
def test_a_device_that_is_missing(run, segment, where):
    line = "iif eth7 table 5 priority 1000" if where == "virtual_rules" else "10.1.0.0/16 dev eth7"
    inside, first = ("", block(where, line)) if where == "static_routes" else (block(where, line), "")
    instance = VirtualRouter(1, (f"{VIRTUAL}/32",), interval=0.1, extra=(*QUIET, inside))
    one = XvrrpRouter(run, segment.hosts["one"], keepalived_conf([instance], first))
    one.launch()
    assert one.wait_exit() == 1 and 'there is no interface "eth7"' in one.log_tail()
    one.configure(keepalived_conf([instance], "global_defs {\n dynamic_interfaces\n}\n" + first))
    one.start()
    one.wait_state(10, *(("BACKUP", "MASTER") if where == "static_routes" else ("FAULT",)))
    segment.hosts["one"].ip("link", "add", "eth7", "type", "veth", "peer", "name", "eth8")
    segment.hosts["one"].ip("link", "set", "eth7", "up")
    one.wait_state(10, "MASTER")
    wait_until(lambda: "10.1.0.0/16 main" in routes(one.namespace) or rules(one.namespace) == {1000}, 10, "the line")


def test_what_somebody_deletes_is_put_back(run, segment):
    host = segment.hosts["one"]
    one = start(run, segment, virtual_router(ROUTES, RULES), first=STATIC)
    one.wait_state(10, "MASTER")
    all_of_them = {*INSTALLED, "10.8.0.0/16 main", "10.9.0.0/16 9"}
    wait_until(lambda: routes(host) == all_of_them, what="the routes")
    for words in (("route", "del", "10.1.0.0/16"), ("route", "del", "10.2.0.0/16", "table", "100"),
                  ("-6", "route", "del", "2001:db8:1::/48"), ("route", "del", "10.8.0.0/16"), ("rule", "del", "priority", "1000")):
        host.ip(*words)
    wait_until(lambda: routes(host) == all_of_them - {"10.2.0.0/16 100"} and {1000, 1001} < rules(host), 10, "them again")
    log = one.log_tail(100)
    assert "eth0_v4_1: route 10.1.0.0/16" in log and "static route 10.8.0.0/16" in log
    assert log.count("was deleted by somebody; it is put back") == 4


# ---- the same lines in keepalived: the kernel has the same ----

COMPARED_ROUTES = f"""
  10.1.0.0/16 via 192.0.2.9
  10.2.0.0/16 dev eth0
  10.3.0.0/16 via 192.0.2.9 dev eth0 table 100 metric 5
  blackhole 10.5.0.0/16
  unreachable 10.6.0.0/16 table 100
  prohibit 10.7.0.0/16 metric 77
  throw 10.8.0.0/16 table 100
  src 192.0.2.1 to 10.9.0.0/16 dev eth0 scope link mtu lock 1400 advmss 1000 window 5000 initcwnd 10 initrwnd 20 quickack 1
  10.10.0.0/16 hoplimit 33 rto_min 300 rtt 100 rttvar 50 reordering 4 cwnd lock 8 ssthresh 99 features ecn dev eth0
  10.11.0.0/16 dev eth0 congctl lock reno rto_min 1.5s rtt 700ms rttvar 3s
  10.12.0.0/16 nexthop via 192.0.2.9 dev eth0 weight 3 nexthop via 192.0.2.10 dev eth0 weight 1 onlink
  10.13.0.0/16 via 198.51.100.1 dev eth0 onlink tos 0x10
  10.14.0.0/16 dev eth0 realms 4/5
  10.15.0.0/16 dev eth0 realms cosmos/7 fastopen_no_cookie 1
  10.16.0.1 dev eth0 scope site table default
  10.17.0.0/16 dev eth0 dsfield AF11 table 4294967295
  10.18.0.0/16 dev eth0 mtu 100000 advmss 70000
  10.19.0.0/16 dev eth0 preference 4 append
  10.20.0.0/16 oif eth0 priority 4294967295 add
  10.21.0.0/16 nexthop via 192.0.2.9 weight 256
  10.22.0.0/16 nexthop via 192.0.2.5 dev eth0 realms 3 nexthop via 192.0.2.6 dev eth0 weight 2
  10.23.0.0/16 via inet 192.0.2.9 src {VIRTUAL}
  10.24.0.0/16 gw 192.0.2.9 tos 12
  default via 192.0.2.9
  default dev eth0 metric 8
  any via 192.0.2.10 table 3
  multicast 239.1.0.0/16 dev eth0
  default6 dev eth0
  2001:db8:1::/48 via fe80::9 dev eth0
  2001:db8:2::/48 dev eth0 pref high metric 20
  2001:db8:3::/48 via fe80::9 dev eth0 mtu 1300 hoplimit 9
  unreachable 2001:db8:4::/48
  2001:db8:5::/48 nexthop via fe80::9 dev eth0 weight 2 nexthop via fe80::a dev eth0
  2001:db8:6::/48 from 2001:db8:7::/48 dev eth0
  2001:db8:8::/48 via fe80::4 dev eth0 onlink mtu lock 1300
""".strip().splitlines()
COMPARED_RULES = """
  from 10.0.0.0/8 table 100
  to 10.0.0.0/8 lookup 101 preference 1000
  not from 10.1.0.0/16 table 100 order 1001
  fwmark 0x10/0xff table 102 priority 1002
  fwmark 7 table 102 priority 1003
  iif eth0 oif eth0 table 5 priority 1004
  tos 0x10 table main priority 1005
  from 10.3.0.0/16 realms 3/4 table 7 priority 1006
  table main suppress_prefixlength 0 priority 1007
  table main suppress_ifgroup 3 priority 1008
  uidrange 1000-2000 table 9 priority 1009
  l3mdev priority 1010
  ipproto tcp sport 10-20 dport 30-40 table 10 priority 1011
  from 10.4.0.0/16 goto 1020 priority 1013
  from 10.5.0.0/16 nop priority 1014
  from 10.6.0.0/16 blackhole priority 1015
  from 10.7.0.0/16 type unreachable priority 1016
  prohibit from 10.8.0.0/16 priority 1017
  from 10.9.0.0/16 sup_pl 8 sup_group default table 11 priority 1018
  tunnel-id 77 table 11 priority 1019
  from 10.10.1.1 table 11 priority 1020
  ipproto 17 table 10 priority 1023
  from all table 10 priority 1024
  from default to any table 11 priority 1025
  from 10.12.3.4/16 table 11 priority 1027
  fwmark 0x10/15 table 20 priority 0
  from 10.18.0.0/16 preference 4294967295 table 3
  from 2001:db8:1::/48 table 12
  dev eth0 table 13
""".strip().splitlines()


@pytest.mark.parametrize("names", (("static_routes", "static_rules"), ("virtual_routes", "virtual_rules")))
def test_the_kernel_has_what_keepalived_gives_it(run, segment, names):
    lines = [block(name, *(line.strip() for line in lines)) for name, lines in zip(names, (COMPARED_ROUTES, COMPARED_RULES))]
    is_static = names[0] == "static_routes"
    # A static route cannot have a source that is not there yet.
    first = "".join(lines).replace(f" src {VIRTUAL}", "") if is_static else ""
    instance = VirtualRouter(1, (f"{VIRTUAL}/32",), interval=0.1, extra=(*QUIET, *(() if is_static else lines)))
    seen = []
    for make, name in ((KeepalivedRouter, "one"), (XvrrpRouter, "two")):
        host = segment.hosts[name]
        host.ip("addr", "replace", "192.0.2.1/24", "dev", INTERFACE)
        if name == "two":
            segment.unplug("one")
        router = start(run, segment, instance, first=first, name=name, make=make)
        router.wait_state(15, "MASTER")
        wait_until(lambda: len(routes(host)) > 30, what="routes")
        wait_until(lambda: len(rules(host)) > 25, what="rules")
        seen.append([json.loads(host.run("ip", family, "-j", "-d", what, *more).stdout) for family in ("-4", "-6")
                     for what, more in (("route", ("show", "table", "all", "proto", "keepalived")), ("rule", ()))])
        router.stop()
        if name == "two":
            assert routes(host) == set() and rules(host) == set()  # keepalived leaves the route whose MTU was too large
    keepalived, ours = seen
    for a, b in zip(keepalived, ours):
        assert a == b
