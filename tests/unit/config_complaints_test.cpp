// SPDX-License-Identifier: BSD-2-Clause
// Texts that mean nothing or the wrong thing, and exactly what is said about them: syntax, keywords,
// instances.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

TEST(Complaints, Syntax) {
  expect_complaints(
      {Complaint{"}\n", {"f:1:1: error: surplus \"}\": no block is open here"}},
       Complaint{instance_with("} }"),
                 {"f:5:3: error: surplus \"}\": no block is open here",
                  "f:6:1: error: surplus \"}\": no block is open here"}},
       Complaint{"{\n x\n}\n", {"f:1:1: error: unexpected \"{\": no keyword stands before it"}},
       in_instance("priority 3\n{ }", {"f:6:1: error: unexpected \"{\": priority has no block"}),
       in_instance("unicast_peer { 10.0.0.9\n} {\n}",
                   {"f:6:3: error: unexpected \"{\": no keyword stands before it"}),
       Complaint{"global_defs {\n router_id x\n",
                 {"f:1:13: error: the block opened here is not closed: missing \"}\""}},
       Complaint{
           "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n  10.0.0.1\n}\n",
           {"f:1:17: error: the block opened here is not closed: missing \"}\""}},
       Complaint{
           "global_defs {\n router_id x\n" + instance_with(""),
           {"f:3:1: error: missing \"}\" before vrrp_instance: the block opened at line 1, column 13 is not "
            "closed"}},
       Complaint{
           "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n  10.0.0.1\n"
           " unicast_peer {\n  10.0.0.9\n }\n}\n",
           {"f:6:2: error: missing \"}\" before unicast_peer: the block opened at line 4, column 20 is not "
            "closed"}},
       Complaint{
           "vrrp_instance A\n interface eth0\n virtual_router_id 1\n virtual_ipaddress\n  10.0.0.1\n }\n}\n",
           {"f:1:1: error: missing \"{\" after vrrp_instance",
            "f:4:2: error: missing \"{\" after virtual_ipaddress"}},
       Complaint{"vrrp_instance A", {"f:1:1: error: missing \"{\" after vrrp_instance"}},
       in_instance("virtual_nat masquerade", {"f:5:1: error: missing \"{\" after virtual_nat"}),
       in_instance("priority \"9",
                   {"f:5:10: error: the double quote opened here is not closed on this line"}),
       in_instance(std::string("prio\0rity 3", 11), {"f:5:5: error: the line contains a NUL byte"}),
       Complaint{std::string(18, '{') + std::string(18, '}'),
                 {"f:1:1: error: unexpected \"{\": no keyword stands before it",
                  "f:1:2: error: unexpected \"{\": no keyword stands before it",
                  "f:1:3: error: unexpected \"{\": no keyword stands before it",
                  "f:1:4: error: unexpected \"{\": no keyword stands before it",
                  "f:1:5: error: unexpected \"{\": no keyword stands before it",
                  "f:1:6: error: unexpected \"{\": no keyword stands before it",
                  "f:1:7: error: unexpected \"{\": no keyword stands before it",
                  "f:1:8: error: unexpected \"{\": no keyword stands before it",
                  "f:1:9: error: unexpected \"{\": no keyword stands before it",
                  "f:1:10: error: unexpected \"{\": no keyword stands before it",
                  "f:1:11: error: unexpected \"{\": no keyword stands before it",
                  "f:1:12: error: unexpected \"{\": no keyword stands before it",
                  "f:1:13: error: unexpected \"{\": no keyword stands before it",
                  "f:1:14: error: unexpected \"{\": no keyword stands before it",
                  "f:1:15: error: unexpected \"{\": no keyword stands before it",
                  "f:1:16: error: unexpected \"{\": no keyword stands before it",
                  "f:1:17: error: blocks are nested too deeply: allowed are 16 levels"}},
       Complaint{"include nowhere.conf\n", {"f:1:9: warning: no file matches \"nowhere.conf\""}},
       Complaint{"vrrp_instance A {\n includea \"b.conf\"\n}\n",
                 {"f:2:11: error: no file matches \"b.conf\""}},
       Complaint{"include # nothing\n", {"f:1:1: error: include needs the name of a file"}},
       in_instance(" @ priority 3",
                   {"f:5:2: error: \"@\" needs a configuration id: @ID, or @^ID for all others"}),
       Complaint{"vrrp_instance A {\n interface ${IF}\n priority 300\n}\n",
                 {"f:2:12: error: \"${IF}\" is not defined above",
                  "f:3:11: error: priority 300 is out of range: allowed are 1 to 255"}},
       in_instance("auth ${X", {"f:5:6: error: \"${X\" is not defined above"}),
       in_instance("priority \"${P}\"", {"f:5:11: error: \"${P}\" is not defined above"}),
       Complaint{"$A=$B \n$B=$A \n" + instance_with("priority $A"),
                 {"f:7:1: error: the definitions in this line refer to each other without end"}},
       in_addresses("10.0.0.9\n~SEQ(i, 1, 0) 10.0.0.$i",
                    {"f:3:1: error: steps of 1 do not lead from 1 to 0"}),
       in_addresses("10.0.0.9\n~SEQ(i, 1, 1, 2, 9) 10.0.0.$i",
                    {"f:3:1: error: ~SEQ takes a name and END, START and END, or START, STEP and END"}),
       in_addresses("10.0.0.9\n~SEQ(i, one) 10.0.0.$i", {"f:3:1: error: \"one\" is not a whole number"}),
       in_addresses("10.0.0.9\n~SEQ i 10.0.0.$i", {"f:3:1: error: ~SEQ needs its values in parentheses"}),
       in_addresses("10.0.0.9\n~SEQ(1, 2) 10.0.0.8", {"f:3:1: error: \"1\" is not a name"}),
       in_addresses("10.0.0.9\n~SEQ(i, 99999) 10.0.0.$i", {"f:3:1: error: more than 10000 values"}),
       in_addresses("10.0.0.9\n~LST({a, b}, {1, 2, 3}) 10.0.$a.$b",
                    {"f:3:1: error: \"{1, 2, 3}\" has more values than there are names"})});
}

TEST(Complaints, Keywords) {
  expect_complaints(
      {Complaint{"vrp_instance A {\n interface eth0\n}\n",
                 {"f:1:1: error: unknown keyword \"vrp_instance\": did you mean \"vrrp_instance\"?"}},
       in_instance("prioritty 300",
                   {"f:5:1: error: unknown keyword \"prioritty\" in vrrp_instance: did you mean "
                    "\"priority\"?"}),
       in_instance("colour blue {\n priority 300\n}",
                   {"f:5:1: error: unknown keyword \"colour\" in vrrp_instance"}),
       in_instance("Priority 3", {"f:5:1: error: unknown keyword \"Priority\" in vrrp_instance: did you mean "
                                  "\"priority\"?"}),
       in_instance("trak_script {\n}",
                   {"f:5:1: error: unknown keyword \"trak_script\" in vrrp_instance: did you mean "
                    "\"track_script\"?"}),
       in_instance("\x1b[31m", {"f:5:1: error: \"\\x1b[31m\" has a control character or is not UTF-8: write "
                                "the file in UTF-8, and names of characters that show",
                                "f:5:1: error: unknown keyword \"\\x1b[31m\" in vrrp_instance"}),
       in_instance(
           "track_bfd {\n { bad } {\n }\n}",
           {"f:5:1: error: \"track_bfd\"" + kNotForUs + "it runs no BFD: a short advert_int detects as fast",
            "f:6:2: error: unexpected \"{\": no keyword stands before it",
            "f:6:10: error: unexpected \"{\": no keyword stands before it"}),
       in_instance("use_vmac_addr",
                   {"f:5:1: error: \"use_vmac_addr\"" + kNotForUs +
                    "addresses on other interfaces (dev) keep the MAC address of those interfaces"}),
       in_instance(
           "mcast_dst_ip 224.0.0.19\nunicast_ttl 64\nold_unicast_checksum",
           {"f:5:1: error: \"mcast_dst_ip\" can only be 224.0.0.18 or ff02::12 in xvrrp: adverts go to "
            "the groups that RFC 9568 gives",
            "f:6:1: error: \"unicast_ttl\" can only be 255 in xvrrp: routers drop adverts with another "
            "(RFC 9568 5.1)",
            "f:7:1: error: \"old_unicast_checksum\" can only be never in xvrrp: it is for keepalived "
            "1.3.6 and older, whose form is not sent"}),
       in_instance("mcast_dst_ip 224.0.0.18\nunicast_ttl 255\nold_unicast_checksum never", {}),
       Complaint{"vrrp_sync_group G {\n group {\n  A\n }\n}\n",
                 {"f:1:1: warning: vrrp_sync_group \"G\" has no members: there is nothing to keep in step",
                  "f:3:3: error: there is no vrrp_instance \"A\""}},
       in_globals("router_idd x",
                  {"f:2:1: error: unknown keyword \"router_idd\" in global_defs: did you mean "
                   "\"router_id\"?"}),
       in_globals("notification_email {\n a@example.org\n}\nsmtp_server 10.0.0.1",
                  {"f:2:1: warning: \"notification_email\"" + kNoEffect + "it sends no mail",
                   "f:5:1: warning: \"smtp_server\"" + kNoEffect + "it sends no mail"}),
       in_globals(
           "notify_fifo_script /bin/true",
           {"f:2:20: warning: notify_fifo_script has no effect without notify_fifo, the pipe that it would "
            "read: it will not be run"}),
       in_globals("vrrp_notify_fifo here\nvrrp_notify_fifo_script /nowhere/x root",
                  {"f:2:18: error: \"here\" is not an absolute path",
                   "f:3:25: warning: there is no \"/nowhere/x\": it will not be run"}),
       in_globals(
           "json_version 3\nstate_dump_file tmp/x\njson_dump_file",
           {"f:2:14: error: json_version 3 is out of range: allowed are 1 and 2",
            "f:3:17: error: \"tmp/x\" is not an absolute path",
            "f:4:1: error: json_dump_file needs the path of a file, or of a directory with a slash at its "
            "end"}),
       in_globals("json_version 2\nstats_dump_file /run/x/\ndata_use_instance", {}),
       in_globals("script_user nobody-here\nscript_user root\nnotify_fifo here",
                  {"f:2:13: error: there is no user \"nobody-here\" on this machine",
                   "f:3:1: error: script_user is given twice: first at line 2",
                   "f:4:13: error: \"here\" is not an absolute path"}),
       in_instance(
           "notify \"/bin/true 'a\"\nnotify_master /bin/true root root more\n"
           "notify_stop /nowhere/script\nnotify_fault /bin/true no-such-user",
           {"f:5:8: error: \"/bin/true 'a\" is no command: a quote is not closed, or it is empty",
            "f:6:35: error: unexpected \"more\": after the command stand a user and a group; quote a command "
            "that has arguments",
            "f:7:13: warning: there is no \"/nowhere/script\": it will not be run",
            "f:8:24: error: there is no user \"no-such-user\" on this machine"}),
       in_globals("vrrp_rt_priority 50\nvrrp_check_unicast_src",
                  {"f:2:1: warning: \"vrrp_rt_priority\"" + kNoEffect +
                   "elections always run at real-time priority in locked memory"}),
       in_globals("vrrp_skip_check_adv_addr on\nvrrp_check_unicast_src\nvrrp_garp_interval 0", {}),
       in_instance("skip_check_adv_addr\ncheck_unicast_src", {}),
       in_ipv6_instance(
           "native_ipv6 yes\nv2_interopp\nowner_ignore_advert",
           {"f:5:13: error: unexpected \"yes\" after native_ipv6",
            "f:6:1: error: unknown keyword \"v2_interopp\" in vrrp_instance: did you mean "
            "\"v2_interop\"?",
            "f:7:1: error: unknown keyword \"owner_ignore_advert\" in vrrp_instance: did you mean "
            "\"owner_ignore_adverts\"?"}),
       Complaint{"global_defs {\n lvs_flush\n}\nvirtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n "
                 "weight 1\n"
                 " }\n}\nSSL {\n}\nvirtual_server_group G {\n}\n",
                 {"f:2:2: warning: \"lvs_flush\"" + kLoadBalancer}},
       in_instance("priority", {"f:5:1: error: priority needs a number: 1 to 255"}),
       in_instance("priority 100 state MASTER",
                   {"f:5:14: error: unexpected \"state\" after the value of priority"}),
       in_instance("nopreempt yes", {"f:5:11: error: unexpected \"yes\" after nopreempt"}),
       in_instance("priority 3\npriority 3", {"f:6:1: error: priority is given twice: first at line 5"}),
       Complaint{"global_defs {\n router_id a\n}\nglobal_defs {\n router_id b\n}\n",
                 {"f:5:2: error: router_id is given twice: first at line 2"}},
       Complaint{"global_defs x {\n nonsense\n}\n",
                 {"f:1:13: error: unexpected \"x\" after global_defs",
                  "f:2:2: error: unknown keyword \"nonsense\" in global_defs"}},
       Complaint{instance_with("", "vrrp_instance {"), {"f:1:1: error: vrrp_instance needs a name"}},
       Complaint{instance_with("", "vrrp_instance A B {"),
                 {"f:1:17: error: unexpected \"B\" after the value of vrrp_instance"}}});
}

TEST(Complaints, Instances) {
  expect_complaints(
      {Complaint{"\n vrrp_instance A {\n}\n",
                 {"f:2:2: error: vrrp_instance \"A\" needs the keyword interface",
                  "f:2:2: error: vrrp_instance \"A\" needs the keyword virtual_router_id",
                  "f:2:2: error: vrrp_instance \"A\" needs at least one address in virtual_ipaddress"}},
       Complaint{"vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n }\n}\n",
                 {"f:1:1: error: vrrp_instance \"A\" needs at least one address in virtual_ipaddress"}},
       Complaint{instance_with("") + instance_with(""),
                 {"f:7:15: error: vrrp_instance \"A\" is given twice: first at line 1",
                  "f:9:2: error: virtual_router_id 1 is taken on eth0: by vrrp_instance \"A\" at line 1"}},
       Complaint{instance_with("") + instance_with("", "vrrp_instance B {"),
                 {"f:9:2: error: virtual_router_id 1 is taken on eth0: by vrrp_instance \"A\" at line 1"}},
       Complaint{ipv6_instance_with("") + ipv6_instance_with("", "vrrp_instance B {"),
                 {"f:9:2: error: virtual_router_id 1 is taken on eth0: by vrrp_instance \"A\" at line 1"}},
       // Which family the second one was meant to be is not known.
       Complaint{
           instance_with("") +
               "vrrp_instance B {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { fe80:1 }\n}\n",
           {"f:10:22: error: \"fe80:1\" is not an IP address: the form is ADDRESS or ADDRESS/LENGTH"}}});
}

} // namespace
} // namespace xvrrp::config
