// SPDX-License-Identifier: BSD-2-Clause
// How problems are reported: all in one pass, in the order of the file, not without end.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

TEST(Diagnostics, EveryErrorInOnePass) {
  const Outcome outcome = parse(R"(! one of everything
global_defs {
   router_id
   vrrp_iptables
}
vrrp_instance VI_1 {
    state master
    interface eth0
    virtual_router_id 300
    prioritty 100
    priority 300
    authentication {
        auth_type AH
        auth_pass 1111
    virtual_ipaddress {
        192.168.200.16/33
    }
    track_script {
       chk
    }
    virtual_nat {
       masquerade
    }
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress
       10.0.0.1
    }
}
}
)",
                                "f");
  const std::string kNotClosed = " is not closed";
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(
      texts(outcome),
      (std::vector<std::string>{
          "f:3:4: error: router_id needs a name",
          "f:4:4: warning: \"vrrp_iptables\"" + kNoEffect +
              "no_accept is enforced by XDP, without firewall rules",
          "f:7:11: error: unknown state \"master\": allowed are MASTER and BACKUP",
          "f:9:23: error: virtual_router_id 300 is out of range: allowed are 1 to 255",
          "f:10:5: error: unknown keyword \"prioritty\" in vrrp_instance: did you mean \"priority\"?",
          "f:11:14: error: priority 300 is out of range: allowed are 1 to 255",
          "f:13:19: error: auth_type AH is not for xvrrp: RFC 3768 withdrew it (allowed is PASS)",
          "f:15:5: error: missing \"}\" before virtual_ipaddress: the block opened at line 12, column 20" +
              kNotClosed,
          "f:16:24: error: prefix length 33 is out of range: allowed are 1 to 32",
          "f:19:8: error: there is no vrrp_script \"chk\"",
          "f:22:8: error: masquerade needs \"oif\" with an interface name",
          "f:25:15: error: vrrp_instance \"VI_1\" is given twice: first at line 6",
          "f:28:5: error: missing \"{\" after virtual_ipaddress",
          "f:32:1: error: surplus \"}\": no block is open here",
      }));
}

TEST(Diagnostics, MoreThan255AddressesAreExcluded) {
  const auto said_about = [](int count) {
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines += "10.0." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200) + "\n";
    return texts(parse(instance_of_addresses(lines), "f"));
  };
  EXPECT_EQ(said_about(255), std::vector<std::string>{});
  EXPECT_EQ(said_about(260),
            (std::vector<std::string>{"f:257:1: warning: too many virtual addresses: an advert holds 255, so "
                                      "those from here on are treated as virtual_ipaddress_excluded"}));
}

TEST(Diagnostics, EndAtAThousand) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "nonsense\n";
  const Outcome outcome = parse(text, "f");
  ASSERT_EQ(outcome.diagnostics.size(), 1000U);
  EXPECT_EQ(outcome.diagnostics.back().text(), "f:1000:1: error: too many problems: reading ends here");
}

TEST(Diagnostics, TheSameVridIsFineOnAnotherInterface) {
  const Outcome outcome =
      parse(instance_with("") + "vrrp_instance B {\n interface eth1\n virtual_router_id 1\n"
                                " virtual_ipaddress { 10.0.0.2 }\n}\n",
            "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
}

TEST(Diagnostics, AnAddressBelongsToOneVirtualRouter) {
  const auto said = [](const std::string& first, const std::string& second, const std::string& interface) {
    return texts(parse("vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n  " +
                           first + "\n }\n}\nvrrp_instance B {\n interface " + interface +
                           "\n virtual_router_id 2\n virtual_ipaddress {\n  " + second + "\n }\n}\n",
                       "f"));
  };
  EXPECT_EQ(
      said("10.0.0.1/24", "10.0.0.1", "eth0"),
      (std::vector<std::string>{"f:12:3: warning: virtual address 10.0.0.1 is that of vrrp_instance \"A\" "
                                "too at line 1: two Masters may answer for it"}));
  EXPECT_EQ(said("10.0.0.1", "10.0.0.1", "eth1").size(), 1U);
  EXPECT_EQ(said("fe80::1", "fe80::1", "eth0").size(), 1U);
  EXPECT_EQ(said("fe80::1", "fe80::1", "eth1").size(), 0U) << "link-local ones are of one link";
  EXPECT_EQ(said("10.0.0.1", "10.0.0.2", "eth0").size(), 0U);
}

} // namespace
} // namespace xvrrp::config
