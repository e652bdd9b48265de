# SPDX-License-Identifier: BSD-2-Clause
"""Configurations for test_twins.py."""


def instance(name, *lines, vrid=1, addresses=("192.0.2.100/32",), interface="eth0", version=3, interval=0.1):
    """Fast, unless it is version 2."""
    words = [f"interface {interface}", f"virtual_router_id {vrid}", f"version {version}",
             f"advert_int {interval if version == 3 else 1}", *lines,
             "virtual_ipaddress {", *(f"    {address}" for address in addresses), "}"]
    return f"vrrp_instance {name} {{\n" + "".join(f"    {word}\n" for word in words) + "}\n"


def check(script, name="chk", *lines):
    return f"vrrp_script {name} {{\n    script {script}\n    interval 1\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def group(*members, name="VG", lines=()):
    return (f"vrrp_sync_group {name} {{\n    group {{\n" + "".join(f"        {member}\n" for member in members) + "    }\n"
            + "".join(f"    {line}\n" for line in lines) + "}\n")


TRACK = ("track_script {", "chk", "}")
V6 = ("fe80::100/64", "2001:db8::100/64")
# The file, and the state that each instance ends up in. @DIRECTORY@ is the daemon's own, @NOTE@ a program that notes what it is
# called with. Interfaces: eth0, other, and idle, which is down.
FILES = {
    "the least": (instance("A"), {"A": "MASTER"}),
    "version 2": (instance("A", version=2), {"A": "MASTER"}),
    "state MASTER": (instance("A", "state MASTER", "priority 150"), {"A": "MASTER"}),
    "an owner": (instance("A", "state MASTER", "priority 255"), {"A": "MASTER"}),
    "many addresses": (instance("A", addresses=[f"192.0.2.{n}/24" for n in range(100, 120)]), {"A": "MASTER"}),
    "another subnet": (instance("A", addresses=("198.51.100.1/24", "198.51.100.2/24")), {"A": "MASTER"}),
    "another interface": (instance("A", addresses=("192.0.2.100/32", "198.51.100.1/24 dev other")), {"A": "MASTER"}),
    "a label": (instance("A", addresses=("192.0.2.100/32 dev eth0 label eth0:vip",)), {"A": "MASTER"}),
    "broadcast +": (instance("A", addresses=("198.51.100.1/24 brd +",)), {"A": "MASTER"}),
    "broadcast -": (instance("A", addresses=("198.51.100.1/24 brd -",)), {"A": "MASTER"}),
    "a broadcast address": (instance("A", addresses=("198.51.100.1/24 broadcast 198.51.100.255",)), {"A": "MASTER"}),
    "scopes": (instance("A", addresses=("192.0.2.100/32 scope link", "192.0.2.101/32 scope host",
                                        "192.0.2.102/32 scope global")), {"A": "MASTER"}),
    "IPv6": (instance("A", addresses=V6), {"A": "MASTER"}),
    "both families": (instance("A") + instance("B", addresses=V6), {"A": "MASTER", "B": "MASTER"}),
    "two on two interfaces": (instance("A") + instance("B", interface="other", addresses=("198.51.100.9/24",)),
                              {"A": "MASTER", "B": "MASTER"}),
    "a default version": ("global_defs {\n    vrrp_version 3\n}\n" + instance("A"), {"A": "MASTER"}),
    "nopreempt": (instance("A", "state BACKUP", "nopreempt", "priority 120"), {"A": "MASTER"}),
    "preempt_delay": (instance("A", "preempt_delay 2"), {"A": "MASTER"}),
    "a password": (instance("A", "authentication {", "auth_type PASS", "auth_pass secret", "}", version=2), {"A": "MASTER"}),
    "unicast": (instance("A", "unicast_src_ip 192.0.2.1", "unicast_peer {", "192.0.2.2", "}"), {"A": "MASTER"}),
    "a multicast source": (instance("A", "mcast_src_ip 192.0.2.1"), {"A": "MASTER"}),
    "announcements": (instance("A", "garp_master_delay 1", "garp_master_repeat 2", "garp_master_refresh 10",
                               "garp_lower_prio_repeat 1", "garp_lower_prio_delay 1"), {"A": "MASTER"}),
    "no_accept": (instance("A", "no_accept"), {"A": "MASTER"}),
    "down_timer_adverts": (instance("A", "down_timer_adverts 5"), {"A": "MASTER"}),
    "a good script": (check("/bin/true") + instance("A", *TRACK), {"A": "MASTER"}),
    "a bad script": (check("/bin/false") + instance("A", *TRACK), {"A": "FAULT"}),
    "a good script with a weight": (check("/bin/true", "chk", "weight 20") + instance("A", *TRACK), {"A": "MASTER"}),
    "a bad script with a weight": (check("/bin/false", "chk", "weight -20") + instance("A", *TRACK), {"A": "MASTER"}),
    "an interface that is up": (instance("A", "track_interface {", "other", "}"), {"A": "MASTER"}),
    "an interface that is down": (instance("A", "track_interface {", "idle", "}"), {"A": "FAULT"}),
    "a weighted interface that is down": (instance("A", "track_interface {", "idle weight -30", "other weight 10", "}"),
                                          {"A": "MASTER"}),
    "a file": ("track_file number {\n    file @DIRECTORY@/number\n}\n"
               + instance("A", "track_file {", "number weight 2", "}"), {"A": "MASTER"}),
    "a sync group": (group("A", "B") + instance("A") + instance("B", vrid=2, addresses=("192.0.2.102/32",)),
                     {"A": "MASTER", "B": "MASTER", "VG": "MASTER"}),
    "a sync group with a fault": (check("/bin/false") + group("A", "B") + instance("A", *TRACK)
                                  + instance("B", vrid=2, addresses=("192.0.2.102/32",)),
                                  {"A": "FAULT", "VG": "FAULT"}),
    "five at once": ("".join(instance(f"V{n}", vrid=n, addresses=(f"192.0.2.{100 + n}/32",)) for n in range(1, 6)),
                     {f"V{n}": "MASTER" for n in range(1, 6)}),
    "definitions": ("$ADDRESS=192.0.2.100/32\n$PRIORITY=130\n"
                    + instance("A", "priority ${PRIORITY}", addresses=("$ADDRESS",)), {"A": "MASTER"}),
    "braces anywhere": (instance("A").replace(" {", "\n{").replace("/32", "/32 }", 1).replace("    }\n", "", 1), {"A": "MASTER"}),
    "a load balancer beside": (instance("A") + "virtual_server 192.0.2.100 80 {\n    delay_loop 6\n    protocol TCP\n}\n",
                               {"A": "MASTER"}),
    "excluded addresses": (instance("A", "virtual_ipaddress_excluded {", "198.51.100.7/24 dev other", "2001:db8::7/64", "}"),
                           {"A": "MASTER"}),
    "a peer": (instance("A", addresses=("192.0.2.100/32", "198.51.100.1 peer 198.51.100.2 dev other")), {"A": "MASTER"}),
    "flags": (instance("A", addresses=("fe80::100/64", "2001:db8::100/64 home -nodad", "2001:db8::101/64 preferred_lft 0",
                                       "2001:db8::102/128", "2001:db8::103/64 mngtmpaddr noprefixroute")), {"A": "MASTER"}),
    "static addresses": ("static_ipaddress {\n    198.51.100.3/24 dev other\n    2001:db8::3/64 dev eth0\n}\n" + instance("A"),
                         {"A": "MASTER"}),
    "promote_secondaries": (instance("A", "promote_secondaries", addresses=("198.51.100.1/24", "198.51.100.2/24")), {"A": "MASTER"}),
    "routes": (instance("A", "virtual_routes {", "10.1.0.0/16 via 192.0.2.9 dev eth0",
                        "src 192.0.2.100 to 10.2.0.0/16 via 192.0.2.9 dev eth0 table 100 metric 7", "blackhole 10.3.0.0/16",
                        "10.4.0.0/16 nexthop via 192.0.2.9 dev eth0 weight 2 nexthop via 192.0.2.8 dev eth0",
                        "2001:db8:1::/48 via fe80::9 dev eth0", "}"), {"A": "MASTER"}),
    "rules": (instance("A", "virtual_rules {", "from 192.0.2.100 table 100 priority 1000", "to 10.2.0.0/16 iif eth0 table 100 priority 1001",
                       "from 2001:db8::/32 table 100 priority 1002", "fwmark 7 table 101 priority 1003", "}"), {"A": "MASTER"}),
    "static routes and rules": ("static_routes {\n    10.5.0.0/16 via 192.0.2.9 dev eth0\n    unreachable 10.6.0.0/16\n}\n"
                                "static_rules {\n    from 10.5.0.0/16 table 102 priority 1100\n}\n" + instance("A"), {"A": "MASTER"}),
    "a default route": (instance("A", "virtual_routes {", "default via 203.0.113.9 dev other metric 50", "}"), {"A": "MASTER"}),
    "scripts": (instance("A", *(f'notify_{event} "@NOTE@ {event}"' for event in ("master", "backup", "fault", "stop"))), {"A": "MASTER"}),
    "a script for everything": (check("/bin/true") + instance("A", *TRACK, 'notify "@NOTE@ any"'), {"A": "MASTER"}),
    "scripts of a group": (group("A", "B", lines=('notify "@NOTE@ group"',)) + instance("A")
                           + instance("B", vrid=2, addresses=("192.0.2.102/32",)), {"A": "MASTER", "B": "MASTER", "VG": "MASTER"}),
    "scripts and a fault": (check("/bin/false") + instance("A", *TRACK, 'notify "@NOTE@ any"', 'notify_fault "@NOTE@ fault"'),
                            {"A": "FAULT"}),
}

# What keepalived does otherwise.
NOT_TOLD = {"a sync group with a fault": "B"}  # a member that is in FAULT from the start, for another one's sake
LEFT_BEHIND = ("a peer",)  # it tries to delete the address without its peer
