// SPDX-License-Identifier: BSD-2-Clause
// The guide's files: every field of what they mean.
#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

using std::chrono::seconds;

void expect_guide(std::string_view text, bool wants_master, std::uint8_t priority, const IpAddress& own,
                  const IpAddress& peer) {
  const Outcome outcome = parse(text, "keepalived.conf");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
  EXPECT_EQ(outcome.configuration.router_id, "");
  ASSERT_EQ(outcome.configuration.instances.size(), 1U);
  const Instance& instance = outcome.configuration.instances.front();
  EXPECT_EQ(instance.name, "VI_1");
  EXPECT_EQ(instance.interface, "enp0s4");
  EXPECT_EQ(instance.wants_master, wants_master);
  EXPECT_EQ(instance.where.file, "keepalived.conf");
  EXPECT_EQ(instance.where.line, 1U);
  EXPECT_EQ(instance.where.column, 1U);

  const core::RouterConfig& router = instance.router;
  EXPECT_EQ(router.vrid, 150);
  EXPECT_EQ(router.family, Family::IPv4);
  EXPECT_EQ(router.version, core::Version::V2);
  EXPECT_EQ(router.priority, priority);
  EXPECT_EQ(router.advertisement_interval, seconds{1});
  EXPECT_EQ(router.down_adverts, 3);
  EXPECT_TRUE(router.preempt);
  EXPECT_EQ(router.preempt_delay, seconds{0});
  EXPECT_TRUE(router.answer_lower_priority);
  EXPECT_FALSE(router.advertise_when_yielding);
  EXPECT_EQ(router.primary_address, own);
  EXPECT_EQ(router.announce.repeat, 5);
  EXPECT_EQ(router.announce.second_burst_delay, seconds{5});
  EXPECT_EQ(router.announce.refresh_interval, seconds{0});
  EXPECT_EQ(router.announce.refresh_repeat, 1);

  ASSERT_EQ(instance.addresses.size(), 1U);
  const VirtualAddress& address = instance.addresses.front();
  EXPECT_EQ(address.prefix.text(), "192.168.1.13/24");
  EXPECT_EQ(address.device, "");
  EXPECT_EQ(address.label, "");
  EXPECT_FALSE(address.broadcast);
  EXPECT_EQ(address.scope, 0);
  EXPECT_EQ(address.where.line, 16U);
  EXPECT_EQ(address.where.column, 9U);

  EXPECT_EQ(instance.unicast_peers, std::vector<IpAddress>{peer});
  EXPECT_EQ(instance.authentication.type, AuthenticationType::Pass);
  EXPECT_EQ(instance.authentication.data, (std::array<std::uint8_t, 8>{'1', '2', '1', '2', 0, 0, 0, 0}));
  EXPECT_EQ(instance.checksum_form, ChecksumForm::PseudoHeader);

  ASSERT_EQ(instance.nat.size(), 1U);
  EXPECT_EQ(instance.nat.front().kind, NatRule::Kind::Masquerade);
  EXPECT_EQ(instance.nat.front().oif, "ma1");
  EXPECT_FALSE(instance.nat.front().from);
  EXPECT_FALSE(instance.nat.front().to);
}

TEST(Guide, Dent2) {
  expect_guide(kDent2, true, 101, IpAddress::v4(192, 168, 1, 11), IpAddress::v4(192, 168, 1, 12));
}

TEST(Guide, Dent3) {
  expect_guide(kDent3, false, 100, IpAddress::v4(192, 168, 1, 12), IpAddress::v4(192, 168, 1, 11));
}

} // namespace
} // namespace xvrrp::config
