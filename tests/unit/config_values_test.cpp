// SPDX-License-Identifier: BSD-2-Clause
// Values that are wrong, and exactly what is said about them.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

TEST(Complaints, Values) {
  expect_complaints(
      {in_instance("priority 99999999999999999999",
                   {"f:5:10: error: priority 99999999999999999999 is out of range: allowed are 1 to 255"}),
       in_instance("priority 12a",
                   {"f:5:10: error: priority \"12a\" is not a whole number: allowed are 1 to 255"}),
       in_instance("priority 0x10",
                   {"f:5:10: error: priority \"0x10\" is not a whole number: allowed are 1 to 255"}),
       in_instance("priority \"\"",
                   {"f:5:10: error: priority \"\" is not a whole number: allowed are 1 to 255"}),
       in_instance("state master", {"f:5:7: error: unknown state \"master\": allowed are MASTER and BACKUP"}),
       in_instance("state MASTER\nstate BACKUP\npriority 9",
                   {"f:6:1: warning: state is given twice: MASTER wins over BACKUP"}),
       in_instance("state MASTER",
                   {"f:5:1: warning: state MASTER without priority makes this router the address owner, "
                    "priority 255, which nothing lowers: give a priority"}),
       in_instance("unicast_src_ip 10.0.0.9",
                   {"f:5:1: warning: unicast_src_ip without unicast_peer: adverts go to the multicast group "
                    "(mcast_src_ip says so)"}),
       in_instance("unicast_fault_no_peer",
                   {"f:5:1: error: unicast_fault_no_peer without unicast_peer: the router would be in FAULT "
                    "for ever"}),
       in_instance("version 4", {"f:5:9: error: version 4 is out of range: allowed are 2 and 3"}),
       in_globals("vrrp_version 1", {"f:2:14: error: vrrp_version 1 is out of range: allowed are 2 and 3"}),
       in_globals("vrrp_down_timer_adverts 101",
                  {"f:2:25: error: vrrp_down_timer_adverts 101 is out of range: allowed are 1 to 100"}),
       in_globals("v3_checksum_as_v2 On",
                  {"f:2:19: error: v3_checksum_as_v2 cannot be \"On\": allowed are on, off, "
                   "true, false, yes, no and auto"}),
       in_instance("garp_master_repeat 65536",
                   {"f:5:20: error: garp_master_repeat 65536 is out of range: allowed are 0 to 65535"}),
       in_instance("preempt_delay 1000.1",
                   {"f:5:15: error: preempt_delay 1000.1 is out of range: allowed are 0 to "
                    "1000 seconds"}),
       in_instance("preempt_delay soon",
                   {"f:5:15: error: preempt_delay \"soon\" is not a number of seconds"}),
       in_instance("preempt_delay .", {"f:5:15: error: preempt_delay \".\" is not a number of seconds"}),
       in_instance("advert_int 1.2.3", {"f:5:12: error: advert_int \"1.2.3\" is not a number of seconds"}),
       in_instance("advert_int 0.4",
                   {"f:5:12: warning: advert_int 0.4 is rounded to 1: VRRP version 2 has whole "
                    "seconds"}),
       in_instance("version 3\nadvert_int 0.125",
                   {"f:6:12: warning: advert_int 0.125 is rounded to 0.13: VRRP "
                    "version 3 has steps of 0.01 seconds"}),
       in_instance("version 3\nadvert_int 0.0015",
                   {"f:6:12: warning: advert_int 0.0015 is rounded to 0.002: VRRP "
                    "version 3 has steps of 0.001 seconds"}),
       in_instance("version 3\nadvert_int 0.0096",
                   {"f:6:12: warning: advert_int 0.0096 is rounded to 0.01: VRRP "
                    "version 3 has steps of 0.001 seconds"}),
       in_instance("state MASTER\npriority 9\nnopreempt\npreempt_delay 4",
                   {"f:7:1: warning: nopreempt has no effect with state MASTER: it is ignored",
                    "f:8:1: warning: preempt_delay has no effect with state MASTER: it is ignored"}),
       in_instance("state BACKUP\npriority 255\nnopreempt",
                   {"f:5:1: warning: state BACKUP has no effect with priority 255: that is the address "
                    "owner, which begins as Master",
                    "f:7:1: warning: nopreempt has no effect with priority 255: it is ignored"}),
       in_instance("nopreempt\npreempt_delay 4",
                   {"f:6:1: warning: preempt_delay has no effect with nopreempt: it is ignored"}),
       Complaint{
           "vrrp_instance A {\n interface a/b\n virtual_router_id 256\n virtual_ipaddress { 10.0.0.1 }\n}\n",
           {"f:2:12: error: \"a/b\" cannot be an interface name: allowed are 1 to 15 characters other than "
            "\"/\", \":\" and blanks",
            "f:3:20: error: virtual_router_id 256 is out of range: allowed are 1 to 255"}},
       in_instance("authentication {\n auth_type AH\n auth_pass x\n}",
                   {"f:6:12: error: auth_type AH is not for xvrrp: RFC 3768 withdrew it (allowed is PASS)"}),
       in_instance("authentication {\n auth_type MD5\n auth_pass \"\"\n}",
                   {"f:6:12: error: unknown auth_type \"MD5\": allowed is PASS",
                    "f:7:12: error: auth_pass is empty: allowed are 1 to 8 bytes"}),
       in_instance("authentication {\n auth_pass secret123\n}",
                   {"f:5:1: error: authentication needs the keyword auth_type",
                    "f:6:12: warning: auth_pass has 9 bytes: only the first 8 count"}),
       in_instance("authentication {\n auth_type PASS\n auth_pass x\n}\nversion 3",
                   {"f:5:1: error: VRRP version 3 has no authentication: remove it or use version 2"})});
}

TEST(Complaints, Addresses) {
  expect_complaints(
      {in_addresses("10.0.0.1/33", {"f:2:10: error: prefix length 33 is out of range: allowed are 1 to 32"}),
       in_addresses("10.0.0.1/",
                    {"f:2:10: error: prefix length \"\" is not a whole number: allowed are 1 to 32"}),
       in_addresses("10.0.0.1/2x",
                    {"f:2:10: error: prefix length \"2x\" is not a whole number: allowed are 1 to 32"}),
       in_addresses("10.0.0.256",
                    {"f:2:1: error: \"10.0.0.256\" is not an IP address: the form is ADDRESS or "
                     "ADDRESS/LENGTH"}),
       in_addresses("224.0.0.18", {"f:2:1: error: 224.0.0.18 is not a unicast address"}),
       in_addresses("10.0.0.1\n10.0.0.1/24",
                    {"f:3:1: error: virtual address 10.0.0.1 is given twice: first at line "
                     "2"}),
       in_addresses("10.0.0.1\n2001:db8::1/64",
                    {"f:3:1: error: 2001:db8::1 is an IPv6 address, but the virtual router "
                     "is IPv4: the first line of virtual_ipaddress decides"}),
       in_addresses("10.0.0.1 dev", {"f:2:10: error: dev needs an interface name"}),
       in_addresses("10.0.0.1 dev a dev b", {"f:2:16: error: dev is given twice on this line"}),
       in_addresses("10.0.0.1 dev 1234567890123456",
                    {"f:2:14: error: \"1234567890123456\" cannot be an interface "
                     "name: allowed are 1 to 15 characters other than \"/\", \":\" "
                     "and blanks"}),
       in_addresses("10.0.0.1 scop link dev",
                    {"f:2:10: error: unexpected \"scop\" after the address: did you mean "
                     "\"scope\"?"}),
       in_addresses("10.0.0.1 10.0.0.2", {"f:2:10: error: unexpected \"10.0.0.2\" after the address"}),
       in_addresses("10.0.0.1 scope moon",
                    {"f:2:16: error: unknown scope \"moon\": allowed are 0 to 255 and the names in "
                     "/etc/iproute2/rt_scopes"}),
       in_addresses("10.0.0.1 scope 256", {"f:2:16: error: scope 256 is out of range: allowed are 0 to 255"}),
       in_addresses("10.0.0.1/31 brd +",
                    {"f:2:17: error: a prefix of length 31 has no broadcast address: allowed are "
                     "lengths up to 30"}),
       in_addresses("10.0.0.1/24 brd x", {"f:2:17: error: \"x\" is not an IP address"}),
       in_addresses("10.0.0.1 label eth0:0123456789x",
                    {"f:2:16: error: label \"eth0:0123456789x\" has 16 characters: allowed are 1 to 15"}),
       in_addresses("10.0.0.1 peer 10.0.0.2 no_track colour",
                    {"f:2:33: error: unexpected \"colour\" after the address"}),
       in_addresses("10.0.0.1 {\n}", {"f:2:10: error: unexpected \"{\": an entry of this list has no block"}),
       in_instance("unicast_src_ip 10.0.0.8\nunicast_peer {\n 10.0.0.8\n 10.0.0.9\n 10.0.0.9\n}",
                   {"f:7:2: error: peer 10.0.0.8 is our own address: unicast_src_ip says so",
                    "f:9:2: error: peer 10.0.0.9 is given twice"}),
       in_instance(
           "unicast_peer {\n 10.0.0.9 min_ttl 254 10.0.0.7\n 0.0.0.0\n fe80::1\n}",
           {"f:6:19: error: min_ttl can only be 255 in xvrrp: adverts with another TTL are dropped (RFC 9568 "
            "7.1)",
            "f:6:23: error: unexpected \"10.0.0.7\" after the address of the peer",
            "f:7:2: error: 0.0.0.0 is not a unicast address",
            "f:8:2: error: fe80::1 is an IPv6 address, but the virtual router is IPv4: the first line of "
            "virtual_ipaddress decides"}),
       in_instance("unicast_peer {\n}",
                   {"f:5:1: warning: unicast_peer is empty: adverts go to the multicast group"}),
       in_instance("mcast_src_ip here", {"f:5:14: error: \"here\" is not an IP address"}),
       in_instance("unicast_src_ip 10.0.0.9\nmcast_src_ip 10.0.0.8",
                   {"f:6:1: warning: unicast_src_ip and mcast_src_ip are one setting: the later one counts"}),
       in_nat("masquerade", {"f:6:1: error: masquerade needs \"oif\" with an interface name"}),
       in_nat("snat from 10.0.0.0/8", {"f:6:1: error: snat needs \"oif\" with an interface name",
                                       "f:6:1: error: snat needs \"to\" with an address"}),
       in_nat("masquerade oif ma1 to 10.0.0.1",
              {"f:6:20: error: unexpected \"to\": allowed are oif, iif and from"}),
       in_nat("snat to 10.0.0.1 via ma1",
              {"f:6:18: error: unexpected \"via\": allowed are to, oif, iif and from"}),
       in_nat("redirect to 10.0.0.1",
              {"f:6:1: error: unknown kind of rule \"redirect\" in virtual_nat: allowed are masquerade, snat "
               "and dnat"}),
       in_nat("dnat tcp 80", {"f:6:1: error: dnat needs \"to\" with an address"}),
       in_nat("dnat to 10.0.0.1 oif ma1",
              {"f:6:18: error: unexpected \"oif\": allowed are tcp, udp, to, address, iif and from"}),
       in_nat(
           "dnat to 10.0.0.1:80",
           {"f:6:9: error: the port in 10.0.0.1:80 needs tcp or udp with the port it is for: \"dnat tcp PORT "
            "to 10.0.0.1:80\""}),
       in_nat("dnat tcp 90-80 to 10.0.0.1",
              {"f:6:10: error: the range 90-80 ends before it begins: the lower port stands first"}),
       in_nat("dnat tcp 0 to 10.0.0.1", {"f:6:10: error: port 0 is out of range: allowed are 1 to 65535"}),
       in_nat("dnat udp 53 to 10.0.0.1:x",
              {"f:6:25: error: port \"x\" is not a whole number: allowed are 1 to 65535"}),
       in_nat("dnat udp 53 tcp 53 to 10.0.0.1", {"f:6:13: error: tcp is given twice on this line"}),
       in_nat("dnat udp 53 to [10.0.0.1]53", {"f:6:16: error: \"[10.0.0.1]53\" is not [ADDRESS]:PORT"}),
       in_nat("dnat to 10.0.0.1 address fe80::1",
              {"f:6:26: error: fe80::1 is an IPv6 address, but the virtual router is IPv4: "
               "the first line of virtual_ipaddress decides"}),
       in_nat("masquerade oif ma1 from 10.0.0.1/8",
              {"f:6:25: error: 10.0.0.1/8 has bits set behind its length: the network is 10.0.0.0/8"}),
       in_nat("snat to 10.0.0.9-10.0.0.1 oif ma1",
              {"f:6:9: error: the pool 10.0.0.9-10.0.0.1 ends before it begins: the lower address stands "
               "first"}),
       in_nat("snat to 10.0.0.1-x oif ma1", {"f:6:18: error: \"x\" is not an IP address"}),
       in_nat("snat oif ma1 to fe80::1",
              {"f:6:17: error: fe80::1 is an IPv6 address, but the virtual router is IPv4: "
               "the first line of virtual_ipaddress decides"})});
}

} // namespace
} // namespace xvrrp::config
