// SPDX-License-Identifier: BSD-2-Clause
// Lines, braces, quotes and comments.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

TEST(Syntax, BracesStandAnywhere) {
  const Instance instance =
      only_instance("vrrp_instance \"A B\"\r\n{ ! comment {\r\n"
                    "interface\teth0\r\nvirtual_router_id 1 # }\r\n"
                    "virtual_ipaddress{10.0.0.1}unicast_peer\n\n{\n10.0.0.9 } priority 9 }");
  EXPECT_EQ(instance.name, "A B");
  EXPECT_EQ(instance.interface, "eth0");
  EXPECT_EQ(instance.addresses.size(), 1U);
  EXPECT_EQ(instance.unicast_peers.size(), 1U);
  EXPECT_EQ(instance.router.priority, 9);
}

TEST(Syntax, LinesMayHave1024Bytes) {
  const auto padded = [](std::size_t length) {
    const std::string keyword = "priority";
    return texts(parse(instance_with(keyword + std::string(length - keyword.size() - 1, ' ') + "9"), "f"));
  };
  EXPECT_EQ(padded(1024), std::vector<std::string>{});
  EXPECT_EQ(padded(1026), (std::vector<std::string>{"f:5:1: error: priority needs a number: 1 to 255",
                                                    "f:5:1025: error: the line is longer than 1024 bytes"}));
}

TEST(Syntax, CommentsMayBeLong) {
  EXPECT_EQ(texts(parse(instance_with("priority 9 # " + std::string(5000, 'x')), "f")),
            std::vector<std::string>{});
}

TEST(Syntax, AnEmptyFileIsAConfigurationWithoutInstances) {
  for (const std::string_view text : {"", "\n", "! nothing\n\n# here", "   "}) {
    const Outcome outcome = parse(text, "f");
    EXPECT_TRUE(outcome.ok());
    EXPECT_TRUE(outcome.diagnostics.empty());
    EXPECT_TRUE(outcome.configuration.instances.empty());
  }
}

} // namespace
} // namespace xvrrp::config
