// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "platform/addresses.hpp"
#include "platform/left_behind.hpp"
#include "platform/routes.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

using namespace testing;

class Routes : public NamespaceTest {
protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped())
      return;
    shell("ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up; "
          "ip addr add 192.0.2.1/24 dev up0; ip addr add 2001:db8::1/64 dev up0 nodad");
    index_ = index_of("up0");
  }

  IpRoute route(const std::string& to, const std::string& via) {
    IpRoute made;
    made.destination = prefix(to);
    made.hops.push_back({address(via), {"up0", index_}, 1, false, 0});
    return made;
  }
  static IpRule rule(std::uint32_t priority) {
    IpRule made;
    made.from = prefix("10.0.0.0/8");
    made.table = 100;
    made.priority = priority;
    return made;
  }
  static std::string ours() {
    return output_of(
        "ip -4 route show table all proto keepalived; ip -6 route show table all proto keepalived; "
        "(ip -d rule show; ip -6 -d rule show) | grep 'proto keepalived'; true");
  }
  /// What was installed, and what the kernel refused.
  static std::vector<std::string> missing(const RouteSet& set) {
    std::vector<std::string> told;
    EXPECT_TRUE(install_missing(set, [&](const std::string& what, const std::optional<Refusal>& refusal) {
      told.push_back(refusal ? refusal->text() : what);
    }));
    return told;
  }

  static InstallMessages messages(std::span<const IpRoute> routes, std::span<const IpRule> rules) {
    const auto batch = AddressBatch::build({}, routes, rules);
    EXPECT_TRUE(batch);
    InstallMessages all;
    append(all, *batch);
    return all;
  }

  std::uint32_t index_ = 0;
};

TEST_F(Routes, ComeAfterTheAddressThatIsTheirSourceAndGoBeforeIt) {
  const AddressSpec virtual_address{index_, prefix("192.0.2.100/32"), "", {}, 0};
  auto with_source = route("10.1.0.0/16", "192.0.2.9");
  with_source.preferred_source = address("192.0.2.100");
  const std::vector<IpRoute> routes{with_source, route("2001:db8:1::/48", "2001:db8::9")};
  const std::vector<IpRule> rules{rule(1000)};
  const auto batch = AddressBatch::build(std::span{&virtual_address, 1}, routes, rules);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->size(), 4U);
  auto socket = RouteSocket::open();
  ASSERT_TRUE(socket);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(socket->send(batch->installs()), 0);
    EXPECT_EQ(ours(), "10.1.0.0/16 via 192.0.2.9 dev up0 src 192.0.2.100 \n"
                      "2001:db8:1::/48 via 2001:db8::9 dev up0 metric 1024 pref medium\n"
                      "1000:\tfrom 10.0.0.0/8 lookup 100 proto keepalived\n");
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(socket->send(batch->removals()), 0);
    EXPECT_EQ(ours(), "");
  }
  socket->drain_errors([](const Refusal& refusal) { ADD_FAILURE() << refusal.text(); });
}

TEST_F(Routes, TheOperatorsStayHis) {
  shell(
      "ip route add 10.1.0.0/16 via 192.0.2.9 proto static; ip rule add from 10.0.0.0/8 table 100 prio 1000");
  const std::vector<IpRoute> routes{route("10.1.0.0/16", "192.0.2.9")};
  const std::vector<IpRule> rules{rule(1000)};
  (void)missing({routes, rules});
  EXPECT_TRUE(
      remove_routes({routes, rules}, [](const Refusal& refusal) { ADD_FAILURE() << refusal.text(); }));
  EXPECT_NE(output_of("ip route show").find("10.1.0.0/16 via 192.0.2.9 dev up0 proto static"),
            std::string::npos);
  EXPECT_NE(output_of("ip rule show").find("1000:"), std::string::npos);
}

TEST_F(Routes, ARefusalIsToldInWords) {
  auto nowhere = route("10.1.0.0/16", "198.51.100.1");
  nowhere.table = 100;
  nowhere.metric = 5;
  auto socket = RouteSocket::open();
  const auto batch = AddressBatch::build({}, std::span{&nowhere, 1}, {});
  ASSERT_TRUE(socket && batch);
  ASSERT_EQ(socket->send(batch->installs()), 0);
  std::vector<std::string> told;
  socket->drain_errors([&](const Refusal& refusal) { told.push_back(refusal.text()); });
  EXPECT_EQ(told,
            std::vector<std::string>{"adding route 10.1.0.0/16 via 198.51.100.1 dev up0 table 100 metric 5: "
                                     "Network is unreachable (Nexthop has invalid gateway)"});
  EXPECT_EQ(missing({std::span{&nowhere, 1}, {}}), told);
}

TEST_F(Routes, OnlyWhatIsMissingIsInstalled) {
  const std::vector<IpRoute> routes{route("10.1.0.0/16", "192.0.2.9"), route("10.2.0.0/16", "192.0.2.9"),
                                    route("2001:db8:1::/48", "2001:db8::9")};
  const std::vector<IpRule> rules{rule(1000), rule(1001)};
  EXPECT_EQ(missing({routes, rules}).size(), 5U);
  EXPECT_TRUE(missing({routes, rules}).empty());
  shell("ip route del 10.2.0.0/16; ip -6 route del 2001:db8:1::/48; ip rule del prio 1001");
  EXPECT_EQ(missing({routes, rules}),
            (std::vector<std::string>{"route 10.2.0.0/16 via 192.0.2.9 dev up0",
                                      "route 2001:db8:1::/48 via 2001:db8::9 dev up0",
                                      "rule 1001 from 10.0.0.0/8 table 100"}));
}

/// Of every kind, so that what the kernel says it has is compared with what it was asked for.
TEST_F(Routes, WhatAPredecessorLeftGoesButForWhatIsWanted) {
  auto rich = route("10.3.0.0/16", "192.0.2.9");
  rich.table = 1000;
  rich.metric = 7;
  rich.scope = RT_SCOPE_UNIVERSE;
  rich.metrics = {{RTAX_LOCK, 1U << RTAX_MTU}, {RTAX_MTU, 1400}, {RTAX_HOPLIMIT, 9}};
  rich.congestion_control = "reno";
  auto several = route("10.4.0.0/16", "192.0.2.9");
  several.hops.push_back({address("192.0.2.10"), {"up0", index_}, 7, true, 0});
  auto over_six = route("10.5.0.0/16", "2001:db8::9");
  auto several_six = route("2001:db8:4::/48", "2001:db8::9");
  several_six.hops.push_back({address("2001:db8::a"), {"up0", index_}, 2, false, 0});
  IpRoute blackhole;
  blackhole.destination = prefix("10.6.0.0/16");
  blackhole.type = RTN_BLACKHOLE;
  auto blackhole_six = blackhole;
  blackhole_six.destination = prefix("2001:db8:6::/48");
  auto without_device = route("10.7.0.0/16", "192.0.2.9");
  without_device.hops[0].device = {};
  const std::vector<IpRoute> routes{
      rich,      several,       over_six,       several_six,
      blackhole, blackhole_six, without_device, route("2001:db8:1::/48", "2001:db8::9")};
  auto full = rule(1000);
  full.inverted = true;
  full.input_device = "up0";
  full.mark = 3;
  full.ip_protocol = 6;
  full.source_ports = {10, 20};
  full.users = {1, 5};
  full.suppressed_length = 3;
  full.suppressed_group = 2;
  auto jump = rule(1002);
  jump.action = FR_ACT_GOTO;
  jump.table = 0;
  jump.target = 1003;
  auto six = rule(1003);
  six.family = Family::IPv6;
  six.from = prefix("2001:db8::/32");
  const std::vector<IpRule> rules{full, rule(1001), jump, six};
  ASSERT_EQ(missing({routes, rules}).size(), routes.size() + rules.size()) << ours();
  shell("ip route add 10.9.0.0/16 dev up0 proto static; ip rule add from 10.0.0.0/8 table 9 prio 9");
  const auto before = ours();

  const auto all = messages(routes, rules);
  auto removed = remove_left_routes({all, all, {}});
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 0U) << before << "\n" << ours();
  EXPECT_EQ(ours(), before);

  auto other = routes;
  other[0].metrics[RTAX_MTU] = 1300;
  other[1].hops[1].weight = 3;
  removed = remove_left_routes({all, {}, all});
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 0U) << "they are another instance's too";
  removed = remove_left_routes({{}, {}, {}});
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 0U) << "the mark does not say whose they are";
  removed = remove_left_routes({all, messages(other, std::span{rules}.subspan(1)), {}});
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 3U);
  removed = remove_left_routes({all, {}, {}});
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, routes.size() + rules.size() - 3U);
  EXPECT_EQ(ours(), "");
  EXPECT_NE(output_of("ip route show").find("10.9.0.0/16"), std::string::npos);
  EXPECT_NE(output_of("ip rule show").find("lookup 9"), std::string::npos);
}

TEST_F(Routes, AreRemovedWhateverTheKernelMadeOfTheirMetrics) {
  auto large = route("10.1.0.0/16", "192.0.2.9");
  large.metrics = {{RTAX_MTU, 100000}};
  EXPECT_EQ(missing({std::span{&large, 1}, {}}).size(), 1U);
  EXPECT_NE(ours().find("mtu 65520"), std::string::npos);
  EXPECT_TRUE(missing({std::span{&large, 1}, {}}).empty());
  const auto removed = remove_left_routes({messages(std::span{&large, 1}, {}), {}, {}});
  EXPECT_TRUE(removed && *removed == 1U);
  EXPECT_EQ(missing({std::span{&large, 1}, {}}).size(), 1U);
  EXPECT_TRUE(remove_routes({std::span{&large, 1}, {}}, [](const Refusal&) {}));
  EXPECT_EQ(ours(), "");
}

} // namespace
} // namespace xvrrp::platform
