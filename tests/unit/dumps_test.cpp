// SPDX-License-Identifier: BSD-2-Clause
// The dumps in keepalived's formats: where they go, and lines that tests beside keepalived do not have.
#include <csignal>

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "controller/dump_lines.hpp"
#include "controller/dump_model.hpp"
#include "controller/dumps.hpp"

namespace xvrrp::controller {
namespace {

IpPrefix prefix(const char* address, std::uint8_t length) {
  return {*IpAddress::parse(address), length};
}

TEST(Dumps, GoWhereTheConfigurationSays) {
  config::DumpSettings settings;
  EXPECT_EQ(dump_path(settings, Dump::Json, "default"), "/run/xvrrp/keepalived.json");
  EXPECT_EQ(dump_path(settings, Dump::Data, "left"), "/run/xvrrp/left.keepalived.data");
  settings.stats_file = "/var/lib/x/";
  EXPECT_EQ(dump_path(settings, Dump::Stats, "default"), "/var/lib/x/keepalived.stats");
  settings.use_instance = true;
  EXPECT_EQ(dump_path(settings, Dump::Stats, "default"), "/var/lib/x/default.keepalived.stats");
  settings.stats_file = "/tmp/keepalived.stats";
  EXPECT_EQ(dump_path(settings, Dump::Stats, "left"), "/tmp/keepalived.stats");
}

TEST(Dumps, HaveKeepalivedsSignals) {
  EXPECT_EQ(dump_of(SIGUSR1), Dump::Data);
  EXPECT_EQ(dump_of(SIGUSR2), Dump::Stats);
  EXPECT_EQ(dump_of(36), Dump::Json);
  EXPECT_EQ(dump_of(SIGTERM), std::nullopt);
}

TEST(Dumps, HaveAddressesWithTheirOptions) {
  config::VirtualAddress address;
  address.prefix = prefix("192.0.2.103", 32);
  address.peer = IpAddress::parse("192.0.2.104");
  EXPECT_EQ(dump_line(address, "eth0", true), "192.0.2.103 dev eth0 scope global peer 192.0.2.104/32 set");
  address = {};
  address.prefix = prefix("2001:db8::5", 64);
  address.device = "eth1";
  address.flags = IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR;
  address.detects_duplicates = true;
  EXPECT_EQ(dump_line(address, "eth0", false),
            "2001:db8::5/64 dev eth1 scope global home -nodad mngtmpaddr preferred_lft forever");
  address = {};
  address.prefix = prefix("2001:db8::8", 128);
  address.tracked = false;
  address.preferred_lifetime = 0;
  EXPECT_EQ(dump_line(address, "eth0", false), "2001:db8::8 dev eth0 scope global no_track deprecated");
}

TEST(Dumps, HaveRoutesAndRules) {
  config::Route route;
  route.route.destination = prefix("10.3.0.0", 16);
  route.route.preferred_source = IpAddress::parse("192.0.2.1");
  route.route.table = 100;
  route.route.scope = RT_SCOPE_LINK;
  route.route.metric = 5;
  route.route.hops.push_back({IpAddress::parse("192.0.2.9"), {"eth0", 0}, 1, true, 0});
  route.tracked = false;
  EXPECT_EQ(dump_line(route),
            "prepend 10.3.0.0/16 src 192.0.2.1 via inet 192.0.2.9 dev eth0 table 100 proto 18 "
            "scope 253 metric 5 onlink no_track");
  config::Rule rule;
  rule.rule.inverted = true;
  rule.rule.from = prefix("2001:db8::", 32);
  rule.rule.priority = 33;
  rule.rule.table = 200;
  EXPECT_EQ(dump_line(rule), "not from 2001:db8::/32 priority 33 tos 0x0 protocol 18 lookup 200");
}

TEST(Dumps, AMasterHasNotLetGoOfItsLastTerm) {
  const config::Instance instance;
  DumpedRouter router{instance, {}, {}, 100, 1, {}, {}, {}};
  router.status.became_master = 2;
  router.status.state = core::State::Master;
  EXPECT_EQ(counters_of(router).release_master, 1U);
  router.status.state = core::State::Backup;
  EXPECT_EQ(counters_of(router).release_master, 2U);
  router.stats.auth_data = 3;
  EXPECT_EQ(counters_of(router).auth_failure, 3U);
}

} // namespace
} // namespace xvrrp::controller
