// SPDX-License-Identifier: BSD-2-Clause
// vrrp_instance: what its keywords mean.
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Instance, Defaults) {
  const Instance instance = only_instance(instance_with(""));
  EXPECT_FALSE(instance.wants_master);
  EXPECT_EQ(instance.router.priority, 100);
  EXPECT_EQ(instance.router.version, core::Version::V2);
  EXPECT_EQ(instance.router.advertisement_interval, seconds{1});
  EXPECT_TRUE(instance.router.preempt);
  EXPECT_TRUE(instance.router.primary_address.is_unspecified());
  EXPECT_TRUE(instance.unicast_peers.empty());
  EXPECT_EQ(instance.authentication.type, AuthenticationType::None);
  EXPECT_TRUE(instance.nat.empty());
  EXPECT_EQ(instance.router.startup_delay, seconds{0});
  EXPECT_FALSE(instance.router.owner_ignores_adverts);
  EXPECT_FALSE(instance.router.v2_interop);
  EXPECT_EQ(instance.checksum_form, ChecksumForm::PseudoHeader);
  EXPECT_FALSE(instance.strict_addresses);
}

TEST(Instance, PriorityDefaultsToOwnerForStateMaster) {
  EXPECT_EQ(only_instance(instance_with("state MASTER")).router.priority, 255);
  EXPECT_EQ(only_instance(instance_with("state BACKUP")).router.priority, 100);
  EXPECT_TRUE(only_instance(instance_with("priority 255")).wants_master);
  EXPECT_FALSE(only_instance(instance_with("priority 255\nstate BACKUP")).wants_master);
}

TEST(Instance, StateMasterStaysWhenGivenTwice) {
  EXPECT_TRUE(only_instance(instance_with("state MASTER\nstate BACKUP")).wants_master);
  EXPECT_TRUE(only_instance(instance_with("state BACKUP\nstate MASTER")).wants_master);
}

TEST(Instance, EveryKeyword) {
  const Instance instance = only_instance(instance_with(R"( state BACKUP
    priority 7
    version 3
    advert_int 0.01
    down_timer_adverts 5
    preempt
    preempt_delay 2.5
    lower_prio_no_advert
    higher_prio_send_advert yes
    mcast_src_ip 10.0.0.7
    accept
    v3_checksum_as_v2 on
    garp_master_delay 0
    garp_master_repeat 0
    garp_master_refresh 60
    garp_master_refresh_repeat 2)"));
  const core::RouterConfig& router = instance.router;
  EXPECT_EQ(router.priority, 7);
  EXPECT_EQ(router.version, core::Version::V3);
  EXPECT_EQ(router.advertisement_interval, milliseconds{10});
  EXPECT_EQ(router.down_adverts, 5);
  EXPECT_EQ(router.preempt_delay, milliseconds{2500});
  EXPECT_FALSE(router.answer_lower_priority);
  EXPECT_TRUE(router.advertise_when_yielding);
  EXPECT_EQ(router.primary_address, IpAddress::v4(10, 0, 0, 7));
  EXPECT_EQ(instance.checksum_form, ChecksumForm::MessageOnly);
  EXPECT_EQ(router.announce.second_burst_delay, seconds{0});
  EXPECT_EQ(router.announce.repeat, 1) << "0 counts as 1";
  EXPECT_EQ(router.announce.refresh_interval, seconds{60});
  EXPECT_EQ(router.announce.refresh_repeat, 2);
}

TEST(Instance, TheLaterOfPreemptAndNopreemptCounts) {
  EXPECT_FALSE(only_instance(instance_with("nopreempt")).router.preempt);
  EXPECT_FALSE(only_instance(instance_with("preempt\nnopreempt")).router.preempt);
  EXPECT_TRUE(only_instance(instance_with("nopreempt\npreempt")).router.preempt);
}

TEST(Instance, WhatHasNoEffectIsCleared) {
  EXPECT_TRUE(only_instance(instance_with("state MASTER\npriority 101\nnopreempt")).router.preempt);
  EXPECT_EQ(only_instance(instance_with("state MASTER\npriority 101\npreempt_delay 3")).router.preempt_delay,
            seconds{0});
  EXPECT_EQ(only_instance(instance_with("nopreempt\npreempt_delay 3")).router.preempt_delay, seconds{0});
}

TEST(Instance, BoolsHaveSixWords) {
  for (const std::string word : {"", "on", "true", "yes"})
    EXPECT_FALSE(only_instance(instance_with("lower_prio_no_advert " + word)).router.answer_lower_priority)
        << word;
  for (const std::string word : {"off", "false", "no"})
    EXPECT_TRUE(only_instance(instance_with("lower_prio_no_advert " + word)).router.answer_lower_priority)
        << word;
}

TEST(Instance, AdvertIntIsRoundedToWhatTheVersionHas) {
  struct Row {
    std::string value;
    std::string version;
    Nanoseconds expected;
    bool warned;
  };
  const std::vector<Row> rows{
      {"1", "2", seconds{1}, false},
      {"255", "2", seconds{255}, false},
      {"0.4", "2", seconds{1}, true},
      {"1.4", "2", seconds{1}, true},
      {"1.5", "2", seconds{2}, true},
      {"2.0", "2", seconds{2}, false},
      {"1", "3", seconds{1}, false},
      {"0.01", "3", milliseconds{10}, false},
      {"40.95", "3", milliseconds{40950}, false},
      {"0.014", "3", milliseconds{10}, true},
      {"0.015", "3", milliseconds{20}, true},
      {".5", "3", milliseconds{500}, false},
      {"2.", "3", seconds{2}, false},
  };
  for (const Row& row : rows) {
    // The version may stand behind the interval.
    const Outcome outcome = parse(instance_with("advert_int " + row.value + "\nversion " + row.version), "f");
    ASSERT_TRUE(outcome.ok()) << row.value;
    EXPECT_EQ(outcome.configuration.instances.front().router.advertisement_interval, row.expected)
        << row.value;
    EXPECT_EQ(outcome.diagnostics.size(), row.warned ? 1U : 0U) << row.value;
  }
}

TEST(Instance, AddressOptions) {
  const Instance instance = only_instance(R"(vrrp_instance A {
    interface eth0
    virtual_router_id 1
    virtual_ipaddress {
      10.0.0.1
      10.0.0.2/24 dev eth1 brd + scope link label eth1:vip
      10.0.0.130/25 label "a b" brd -
      10.0.0.4/24 broadcast 10.0.0.99 scope 77
    }
    virtual_ipaddress { 10.0.0.5/8 scope site }
})");
  const auto& addresses = instance.addresses;
  ASSERT_EQ(addresses.size(), 5U);
  EXPECT_EQ(addresses[0].prefix.text(), "10.0.0.1/32");
  EXPECT_EQ(addresses[1].prefix.text(), "10.0.0.2/24");
  EXPECT_EQ(addresses[1].device, "eth1");
  EXPECT_EQ(addresses[1].broadcast, IpAddress::v4(10, 0, 0, 255));
  EXPECT_EQ(addresses[1].scope, 253);
  EXPECT_EQ(addresses[1].label, "eth1:vip");
  EXPECT_EQ(addresses[2].label, "a b");
  EXPECT_EQ(addresses[2].broadcast, IpAddress::v4(10, 0, 0, 128));
  EXPECT_EQ(addresses[3].broadcast, IpAddress::v4(10, 0, 0, 99));
  EXPECT_EQ(addresses[3].scope, 77);
  EXPECT_EQ(addresses[4].scope, 200);
}

TEST(Instance, NatRules) {
  const Instance instance = only_instance(instance_with(R"(virtual_nat {
      masquerade from 192.168.1.0/24 oif ma1
      snat oif ma2 to 203.0.113.7
      snat to 203.0.113.8 from 192.168.1.9 oif ma1
      masquerade oif ma1 from 0.0.0.0/0
      snat oif ma1 iif ma2 to 203.0.113.8-203.0.113.15
      dnat tcp 8000-8010 to 10.0.0.9:80 address 203.0.113.9 iif ma1 from 198.51.100.0/24
      dnat to 10.0.0.9
    })"));
  ASSERT_EQ(instance.nat.size(), 7U);
  EXPECT_EQ(instance.nat[0].kind, NatRule::Kind::Masquerade);
  EXPECT_EQ(instance.nat[0].oif, "ma1");
  EXPECT_EQ(instance.nat[0].from->text(), "192.168.1.0/24");
  EXPECT_FALSE(instance.nat[0].to);
  EXPECT_EQ(instance.nat[1].kind, NatRule::Kind::Snat);
  EXPECT_EQ(instance.nat[1].oif, "ma2");
  EXPECT_FALSE(instance.nat[1].from);
  EXPECT_EQ(instance.nat[1].to, IpAddress::v4(203, 0, 113, 7));
  EXPECT_EQ(instance.nat[2].from->text(), "192.168.1.9/32");
  EXPECT_EQ(instance.nat[3].from->text(), "0.0.0.0/0");
  EXPECT_EQ(instance.nat[3].iif, "") << "the instance's";
  EXPECT_EQ(instance.nat[4].iif, "ma2");
  EXPECT_EQ(instance.nat[4].to_last, IpAddress::v4(203, 0, 113, 15));
  const auto& forward = instance.nat[5];
  EXPECT_EQ(forward.kind, NatRule::Kind::Dnat);
  EXPECT_EQ(forward.transport, NatRule::Transport::Tcp);
  EXPECT_EQ(forward.ports, (NatRule::Ports{8000, 8010}));
  EXPECT_EQ(forward.to, IpAddress::v4(10, 0, 0, 9));
  EXPECT_EQ(forward.to_port, 80);
  EXPECT_EQ(forward.destinations, std::vector{IpAddress::v4(203, 0, 113, 9)});
  EXPECT_EQ(forward.iif, "ma1");
  EXPECT_EQ(forward.from->text(), "198.51.100.0/24");
  EXPECT_EQ(instance.nat[6].transport, NatRule::Transport::Any);
  EXPECT_EQ(instance.nat[6].destinations, std::vector{instance.addresses[0].prefix.address})
      << "the virtual one";
}

TEST(Instance, PasswordsAreCutAtEightBytes) {
  const auto data = [](const std::string& pass) {
    return only_instance(instance_with("authentication {\nauth_type PASS\nauth_pass " + pass + "\n}"))
        .authentication.data;
  };
  EXPECT_EQ(data("12345678"), (std::array<std::uint8_t, 8>{'1', '2', '3', '4', '5', '6', '7', '8'}));
  EXPECT_EQ(data("123456789"), (std::array<std::uint8_t, 8>{'1', '2', '3', '4', '5', '6', '7', '8'}));
  EXPECT_EQ(data("a#b"), (std::array<std::uint8_t, 8>{'a'})) << "a comment begins anywhere";
  EXPECT_EQ(data("a\\#b"), (std::array<std::uint8_t, 8>{'a', '#', 'b'}));
  EXPECT_EQ(data("\"a #!{}\""), (std::array<std::uint8_t, 8>{'a', ' ', '#', '!', '{', '}'}));
}

} // namespace
} // namespace xvrrp::config
