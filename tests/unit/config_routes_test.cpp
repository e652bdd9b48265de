// SPDX-License-Identifier: BSD-2-Clause
// Lines of virtual_routes, static_routes, virtual_rules and static_rules.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/fib_rules.h>
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

IpRoute route_of(const std::string& line) {
  const auto instance = only_instance(instance_with("virtual_routes {\n" + line + "\n}"));
  EXPECT_EQ(instance.routes.size(), 1U) << line;
  return instance.routes.empty() ? IpRoute{} : instance.routes[0].route;
}

IpRule rule_of(const std::string& line) {
  const auto instance = only_instance(instance_with("virtual_rules {\n" + line + "\n}"));
  EXPECT_EQ(instance.rules.size(), 1U) << line;
  return instance.rules.empty() ? IpRule{} : instance.rules[0].rule;
}

/// The line is line 6.
Complaint in_routes(const std::string& line, std::vector<std::string> expected) {
  return in_instance("virtual_routes {\n" + line + "\n}", std::move(expected));
}
Complaint in_rules(const std::string& line, std::vector<std::string> expected) {
  return in_instance("virtual_rules {\n" + line + "\n}", std::move(expected));
}

TEST(Routes, HaveTheDefaultsOfKeepalived) {
  const auto route = route_of("10.1.0.0/16 via 192.0.2.1");
  EXPECT_EQ(route.destination.text(), "10.1.0.0/16");
  ASSERT_EQ(route.hops.size(), 1U);
  EXPECT_EQ(route.hops[0].gateway->text(), "192.0.2.1");
  EXPECT_EQ(route.hops[0].device.name, "");
  EXPECT_EQ(route.type, RTN_UNICAST);
  EXPECT_EQ(route.table, static_cast<std::uint32_t>(RT_TABLE_MAIN));
  EXPECT_EQ(route.protocol, RTPROT_KEEPALIVED);
  EXPECT_EQ(route.scope, RT_SCOPE_UNIVERSE);
  EXPECT_EQ(route.metric, std::nullopt);
  EXPECT_EQ(route.position, IpRoute::Position::First);
  EXPECT_EQ(route_of("local 10.1.0.1 dev lo").scope, RT_SCOPE_HOST);
  EXPECT_EQ(route_of("broadcast 10.1.0.0 dev eth0").scope, RT_SCOPE_LINK);
}

TEST(Routes, TakeTheirWordsInAnyOrder) {
  const auto route =
      route_of("src 10.0.0.1 metric 0x10 to 10.1.0.0/16 dsfield 0x28 gw 192.0.2.1 oif eth1 onlink "
               "table 1000 protocol bird scope link append no_track");
  EXPECT_EQ(route.preferred_source->text(), "10.0.0.1");
  EXPECT_EQ(route.metric, 16U);
  EXPECT_EQ(route.tos, 0x28);
  EXPECT_EQ(route.hops[0].gateway->text(), "192.0.2.1");
  EXPECT_EQ(route.hops[0].device.name, "eth1");
  EXPECT_TRUE(route.hops[0].onlink);
  EXPECT_EQ(route.table, 1000U);
  EXPECT_EQ(route.protocol, RTPROT_BIRD);
  EXPECT_EQ(route.scope, RT_SCOPE_LINK);
  EXPECT_EQ(route.position, IpRoute::Position::Last);
  EXPECT_EQ(route_of("10.1.0.0/16 dev eth0 table main scope 200 add").scope, RT_SCOPE_SITE);
  EXPECT_FALSE(
      only_instance(instance_with("virtual_routes {\n10.1.0.0/16 dev eth0 no_track\n}")).routes[0].tracked);
}

TEST(Routes, MayBeDefaultRoutesOfEitherFamily) {
  for (const std::string word : {"default", "any", "all", "0.0.0.0/0", "inet default"})
    EXPECT_EQ(route_of(word + " dev eth0").destination.text(), "0.0.0.0/0") << word;
  for (const std::string line : {"default via fe80::1 dev eth0", "inet6 default dev eth0",
                                 "default6 dev eth0", "default dev eth0 src 2001:db8::1", "::/0 dev eth0",
                                 "default nexthop via fe80::1 dev eth0 nexthop via fe80::2 dev eth0"})
    EXPECT_EQ(route_of(line).destination.text(), "::/0") << line;
}

TEST(Routes, MayGoNowhere) {
  for (const auto& [word, type] :
       {std::pair{"blackhole", RTN_BLACKHOLE}, std::pair{"unreachable", RTN_UNREACHABLE},
        std::pair{"prohibit", RTN_PROHIBIT}, std::pair{"throw", RTN_THROW}}) {
    const auto route = route_of(std::string{word} + " 10.1.0.0/16");
    EXPECT_EQ(route.type, type);
    EXPECT_TRUE(route.hops.empty());
  }
}

TEST(Routes, MayHaveSeveralHops) {
  const auto route = route_of("10.1.0.0/16 metric 3 nexthop via 192.0.2.1 dev eth0 weight 256 onlink "
                              "nexthop via inet6 fe80::2 dev eth1 realms 3/4");
  ASSERT_EQ(route.hops.size(), 2U);
  EXPECT_EQ(route.hops[0].weight, 256);
  EXPECT_TRUE(route.hops[0].onlink);
  EXPECT_EQ(route.hops[1].weight, 1);
  EXPECT_EQ(route.hops[1].gateway->text(), "fe80::2");
  EXPECT_EQ(route.hops[1].realms, 3U << 16 | 4U);
}

TEST(Routes, SayWhatConnectionsHeed) {
  const auto route =
      route_of("10.1.0.0/16 dev eth0 mtu lock 1400 advmss 1000 window 5000 initcwnd 10 initrwnd 20 "
               "quickack 1 hoplimit 33 rto_min 1.5s rtt 300ms rttvar 4000 reordering 4 cwnd lock 8 "
               "ssthresh 99 features ecn congctl lock reno fastopen_no_cookie 0");
  const std::map<std::uint16_t, std::uint32_t> expected{
      {RTAX_LOCK, 1U << RTAX_MTU | 1U << RTAX_CWND | 1U << RTAX_CC_ALGO},
      {RTAX_MTU, 1400},
      {RTAX_ADVMSS, 1000},
      {RTAX_WINDOW, 5000},
      {RTAX_INITCWND, 10},
      {RTAX_INITRWND, 20},
      {RTAX_QUICKACK, 1},
      {RTAX_HOPLIMIT, 33},
      {RTAX_RTO_MIN, 1500},
      {RTAX_RTT, 300 * 8},
      {RTAX_RTTVAR, 4000},
      {RTAX_REORDERING, 4},
      {RTAX_CWND, 8},
      {RTAX_SSTHRESH, 99},
      {RTAX_FEATURES, RTAX_FEATURE_ECN},
      {RTAX_FASTOPEN_NO_COOKIE, 0},
  };
  EXPECT_EQ(route.metrics, expected);
  EXPECT_EQ(route.congestion_control, "reno");
}

TEST(Routes, OfIpv6HaveWordsOfTheirOwn) {
  const auto route = route_of(
      "2001:db8:1::/48 from 2001:db8:2::/48 via 2001:db8::9 dev eth0 pref high expires 60 scope link");
  EXPECT_EQ(route.from->text(), "2001:db8:2::/48");
  EXPECT_EQ(route.preference, ICMPV6_ROUTER_PREF_HIGH);
  EXPECT_EQ(route.expires, 60U);
  EXPECT_EQ(route.scope, RT_SCOPE_UNIVERSE) << "what an IPv6 route has";
}

TEST(Routes, AreComplainedAbout) {
  const std::string six = "expires and pref are for IPv6 routes";
  expect_complaints({
      in_routes("via 192.0.2.1", {"f:6:1: error: a route needs a destination: a prefix or default"}),
      in_routes("10.1.0.0/16",
                {"f:6:1: error: a route needs via, dev or nexthop, or a type such as blackhole"}),
      in_routes("10.1.0.1/16 dev eth0",
                {"f:6:1: error: 10.1.0.1/16 has bits set behind its length: the network is 10.1.0.0/16"}),
      in_routes(
          "2001:db8::1/48 dev eth0",
          {"f:6:1: warning: 2001:db8::1/48 has bits set behind its length: the network is 2001:db8::/48"}),
      in_routes("10.1.0.0/16 dev eth0 metrik 3",
                {"f:6:22: error: unexpected \"metrik\" in a route: did you mean \"metric\"?"}),
      in_routes("10.1.0.0/16 via", {"f:6:13: error: via needs an address"}),
      in_routes("10.1.0.0/16 via 192.0.2.1 gw 192.0.2.2", {"f:6:27: error: gw is given twice on this line"}),
      in_routes(
          "10.1.0.0/16 via fe80::1 dev eth0",
          {"f:6:17: error: fe80::1 is an IPv6 address, but the route is IPv4: write via inet6 fe80::1"}),
      in_routes("2001:db8::/48 via 192.0.2.1",
                {"f:6:19: error: 192.0.2.1 is an IPv4 address, but the route is IPv6"}),
      in_routes("10.1.0.0/16 dev eth0 src 2001:db8::1",
                {"f:6:26: error: 2001:db8::1 is an IPv6 address, but the route is IPv4"}),
      in_routes(
          "10.1.0.0/16 dev eth0 from 10.2.0.0/16",
          {"f:6:27: error: from is for IPv6 routes: virtual_rules tell IPv4 packets apart by their source"}),
      in_routes("10.1.0.0/16 dev eth0 pref low", {"f:6:27: error: " + six}),
      in_routes("10.1.0.0/16 dev eth0 expires 3", {"f:6:30: error: " + six}),
      in_routes("2001:db8::/48 dev eth0 pref best",
                {"f:6:29: error: unknown pref \"best\": allowed are low, medium and high"}),
      in_routes("2001:db8::/48 dev eth0 tos 4",
                {"f:6:28: warning: tos has no effect in an IPv6 route: it is left out"}),
      in_routes("10.1.0.0/16 dev eth0 hoplimit 256",
                {"f:6:31: error: hoplimit 256 is out of range: allowed are 0 to 255"}),
      in_routes(
          "10.1.0.0/16 dev eth0 table nowhere",
          {"f:6:28: error: unknown routing table \"nowhere\": allowed are 1 to 4294967295 and the names in "
           "/etc/iproute2/rt_tables"}),
      in_routes("10.1.0.0/16 dev eth0 rtt 5h",
                {"f:6:26: error: rtt \"5h\" has an unknown unit: allowed are s and ms"}),
      in_routes("10.1.0.0/16 dev eth0 rtt 100",
                {"f:6:26: warning: rtt 100 is below 200 ms: it is raised to that (a "
                 "number without a unit counts 1/8 ms)"}),
      in_routes("10.1.0.0/16 dev eth0 weight 3", {"f:6:29: error: a weight belongs to a nexthop"}),
      in_routes("10.1.0.0/16 dev eth0 nexthop via 192.0.2.1",
                {"f:6:22: error: via, dev, onlink and realms stand beside nexthop: write them behind it"}),
      in_routes("10.1.0.0/16 nexthop weight 2", {"f:6:1: error: a nexthop needs via or dev"}),
      in_routes("10.1.0.0/16 via 192.0.2.1 or 192.0.2.2",
                {"f:6:27: error: \"or\" is not supported: write nexthop via ADDRESS for each gateway"}),
      in_routes("10.1.0.0/16 via 192.0.2.1 encap ip id 5 dst 192.0.2.3",
                {"f:6:27: error: \"encap\"" + kNotYet}),
      in_routes("inet6 10.1.0.0/16 dev eth0",
                {"f:6:7: error: 10.1.0.0/16 is an IPv4 prefix, but the line says IPv6"}),
      in_routes("10.1.0.0/16 dev eth0 features sack",
                {"f:6:31: error: unknown feature \"sack\": allowed is ecn"}),
  });
}

TEST(Rules, TakeTheirWordsInAnyOrder) {
  const auto rule =
      rule_of("not from 10.0.0.0/8 to 10.1.0.0/16 iif eth0 oif eth1 tos 0x10 fwmark 0x10/0xff tunnel-id 7 "
              "uidrange 5-9 ip_proto tcp sport 10-20 dport 30 lookup 100 order 99 realms 3/4 sup_pl 0 "
              "sup_group default protocol 12 no_track");
  IpRule expected;
  expected.inverted = true;
  expected.from = IpPrefix{IpAddress::v4(10, 0, 0, 0), 8};
  expected.to = IpPrefix{IpAddress::v4(10, 1, 0, 0), 16};
  expected.input_device = "eth0";
  expected.output_device = "eth1";
  expected.tos = 0x10;
  expected.mark = 0x10;
  expected.mark_mask = 0xff;
  expected.tunnel = 7;
  expected.users = {5, 9};
  expected.ip_protocol = 6;
  expected.source_ports = {10, 20};
  expected.destination_ports = {30, 30};
  expected.table = 100;
  expected.priority = 99;
  expected.realms = 3U << 16 | 4U;
  expected.suppressed_length = 0;
  expected.suppressed_group = 0;
  expected.protocol = 12;
  EXPECT_EQ(rule, expected);
}

TEST(Rules, HaveOneAction) {
  for (const auto& [words, action] :
       {std::pair{"nop", FR_ACT_NOP}, std::pair{"type blackhole", FR_ACT_BLACKHOLE},
        std::pair{"unreachable", FR_ACT_UNREACHABLE}, std::pair{"prohibit", FR_ACT_PROHIBIT},
        std::pair{"goto 9", FR_ACT_GOTO}, std::pair{"l3mdev", FR_ACT_TO_TBL},
        std::pair{"table 5", FR_ACT_TO_TBL}})
    EXPECT_EQ(rule_of("from 10.0.0.0/8 priority 8 " + std::string{words}).action, action) << words;
  EXPECT_EQ(rule_of("goto 9 priority 8").target, 9U);
  EXPECT_TRUE(rule_of("l3mdev priority 8").vrf_table);
}

TEST(Rules, AreOfTheFamilyOfTheirAddresses) {
  EXPECT_EQ(rule_of("iif eth0 table 5 priority 8").family, Family::IPv4);
  EXPECT_EQ(rule_of("inet6 iif eth0 table 5 priority 8").family, Family::IPv6);
  EXPECT_EQ(rule_of("from all to 2001:db8::/32 table 5 priority 8").family, Family::IPv6);
}

TEST(Rules, WithoutAPreferenceGetOneFrom16384Downwards) {
  const auto outcome =
      parse("static_rules {\n from 10.0.0.0/8 table 5\n}\n" +
                instance_with("virtual_rules {\nto 10.0.0.0/8 table 5\ninet6 iif eth0 table 5\n}"),
            "f");
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.configuration.static_rules.at(0).rule.priority, 16384U);
  EXPECT_EQ(outcome.configuration.instances[0].rules.at(0).rule.priority, 16383U);
  EXPECT_EQ(outcome.configuration.instances[0].rules.at(1).rule.priority, 16384U);
  const std::string which = ", which depends on the rules before it";
  EXPECT_EQ(texts(outcome),
            (std::vector<std::string>{"f:2:2: warning: the rule has no preference: it gets 16384" + which,
                                      "f:9:1: warning: the rule has no preference: it gets 16383" + which,
                                      "f:10:1: warning: the rule has no preference: it gets 16384" + which}));
}

TEST(Rules, AreComplainedAbout) {
  const std::string actions = "table, l3mdev, goto, nop, blackhole, unreachable or prohibit";
  expect_complaints({
      in_rules("from 10.0.0.0/8 priority 3", {"f:6:1: error: a rule needs an action: " + actions}),
      in_rules("table 5 nop priority 3", {"f:6:9: error: a rule has one action: " + actions}),
      in_rules("from 10.0.0.0/8 to 2001:db8::/32 table 5 priority 3",
               {"f:6:20: error: IPv4 and IPv6 stand in one rule"}),
      in_rules("from 10.0.0.0/8 tabel 5 priority 3",
               {"f:6:17: error: unexpected \"tabel\" in a rule: did you mean \"table\"?"}),
      in_rules("goto 3 priority 3", {"f:6:6: error: goto 3 leads backwards: the rule's own preference is 3"}),
      in_rules("sport 20-10 table 5 priority 3", {"f:6:7: error: sport 20-10 ends before it begins"}),
      in_rules("sport 0 table 5 priority 3",
               {"f:6:7: error: sport 0 is out of range: allowed are 1 to 65534"}),
      in_rules("uidrange 5- table 5 priority 3",
               {"f:6:12: error: uidrange \"\" is not a whole number: allowed are 0 to 4294967294"}),
      in_rules("fwmark 1/x table 5 priority 3",
               {"f:6:10: error: mask of fwmark \"x\" is not a whole number: allowed are 0 to 4294967295"}),
      in_rules("tunnel-id many table 5 priority 3",
               {"f:6:11: error: tunnel-id \"many\" is not a whole number: allowed "
                "are 0 to 18446744073709551615"}),
      in_rules("from 2001:db8::/32 realms 3 table 5 priority 3",
               {"f:6:27: error: realms are for IPv4 rules"}),
      in_rules("ipproto nothing table 5 priority 3",
               {"f:6:9: error: unknown IP protocol \"nothing\": allowed are 1 to 255 and the names in "
                "/etc/protocols"}),
      in_rules("table 0 priority 3",
               {"f:6:7: error: routing table 0 is out of range: allowed are 1 to 4294967295"}),
      in_rules("table 5 track_group g", {"f:6:9: error: \"track_group\"" + kNotYet}),
      in_rules("table 5 priority", {"f:6:9: error: priority needs a number"}),
  });
}

} // namespace
} // namespace xvrrp::config
