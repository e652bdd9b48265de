// SPDX-License-Identifier: BSD-2-Clause
// vrrp_garp_interval, vrrp_gna_interval and garp_group.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

using std::chrono::milliseconds;

std::vector<AnnouncementPace> paces(const Outcome& outcome) {
  std::vector<AnnouncementPace> found;
  for (const auto& instance : outcome.configuration.instances) {
    for (const auto& address : instance.addresses)
      found.push_back(address.pace);
  }
  return found;
}

TEST(AnnouncementPace, IsThatOfTheGroupOfTheInterface) {
  const std::string globals = "global_defs {\n vrrp_garp_interval 0.01\n vrrp_gna_interval 0.02\n}\n";
  const std::string groups = "garp_group {\n garp_interval 0.5\n interface eth8\n}\n"
                             "garp_group {\n gna_interval 0.7\n interfaces {\n eth9 eth10\n }\n}\n";
  const std::string instances =
      "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n"
      " virtual_ipaddress {\n 10.0.0.1\n 10.0.0.2 dev eth8\n 10.0.0.3 dev eth9\n }\n}\n"
      "vrrp_instance B {\n interface eth0\n virtual_router_id 1\n"
      " virtual_ipaddress {\n fe80::1\n fe80::2 dev eth10\n }\n}\n";
  const std::vector<AnnouncementPace> expected{{milliseconds{10}, 0},
                                               {milliseconds{500}, 1},
                                               {milliseconds{0}, 2},
                                               {milliseconds{20}, 0},
                                               {milliseconds{700}, 2}};
  for (const auto& text : {globals + groups + instances, instances + groups + globals}) {
    const Outcome outcome = parse(text, "f");
    EXPECT_EQ(texts(outcome), std::vector<std::string>{});
    EXPECT_EQ(paces(outcome), expected);
  }
}

TEST(AnnouncementPace, WithoutAWordThereIsNone) {
  EXPECT_EQ(paces(parse(instance_with(""), "f")), std::vector<AnnouncementPace>{{}});
  EXPECT_EQ(paces(parse("global_defs {\n vrrp_garp_interval 0\n}\n" + instance_with(""), "f")),
            std::vector<AnnouncementPace>{{}});
}

TEST(AnnouncementPace, WhatIsWrongIsTold) {
  const auto said = [](const std::string& text) { return texts(parse(text + instance_with(""), "f")); };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(said("garp_group {\n interface eth0\n}\n"),
            Texts{"f:1:1: error: garp_group needs garp_interval or gna_interval"});
  EXPECT_EQ(said("garp_group {\n garp_interval 1\n}\n"),
            Texts{"f:1:1: error: garp_group needs an interface"});
  EXPECT_EQ(said("garp_group {\n garp_interval 1\n interfaces {\n eth0\n eth0\n }\n}\n"),
            Texts{"f:5:2: error: interface \"eth0\" is in a garp_group already"});
  EXPECT_EQ(said("garp_group {\n garp_intervall 1\n gna_interval 1\n interface eth0\n}\n").size(), 1U);
  EXPECT_EQ(said("global_defs {\n vrrp_garp_interval -1\n}\n").size(), 1U);
  EXPECT_EQ(said("global_defs {\n vrrp_garp_interval 4000\n}\n"),
            Texts{"f:2:21: error: vrrp_garp_interval 4000 is out of range: allowed are 0 to 3600 seconds"});
}

} // namespace
} // namespace xvrrp::config
