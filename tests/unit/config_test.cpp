// SPDX-License-Identifier: BSD-2-Clause
// The reader of keepalived.conf: what a text means, and what is said about a text that means nothing.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "config/reader.hpp"

namespace xvrrp::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<std::string> texts(const Outcome& outcome) {
  std::vector<std::string> result;
  for (const Diagnostic& diagnostic : outcome.diagnostics)
    result.push_back(diagnostic.text());
  return result;
}

/// A valid instance on lines 1 to 4, with `lines` from line 5 on.
std::string instance_with(const std::string& lines, const std::string& head = "vrrp_instance A {") {
  return head + "\n interface eth0\n virtual_router_id 1\n virtual_ipaddress { 10.0.0.1/24 }\n" + lines +
         "\n}\n";
}

/// The only instance of `text`, which must be free of errors.
Instance only_instance(const std::string& text) {
  Outcome outcome = parse(text, "f");
  EXPECT_TRUE(outcome.ok()) << ::testing::PrintToString(texts(outcome));
  EXPECT_EQ(outcome.configuration.instances.size(), 1U);
  return outcome.configuration.instances.empty() ? Instance{}
                                                 : std::move(outcome.configuration.instances.front());
}

// ---- the guide's files ----

constexpr std::string_view kDent2 = R"(vrrp_instance VI_1 {
    state MASTER              # DENT3: BACKUP
    interface enp0s4
    virtual_router_id 150
    priority 101              # DENT3: 100
    advert_int 1
    unicast_src_ip 192.168.1.11     # DENT3: 192.168.1.12
    unicast_peer {
        192.168.1.12                # DENT3: 192.168.1.11
    }
    authentication {
        auth_type PASS
        auth_pass 1212
    }
    virtual_ipaddress {
        192.168.1.13/24
    }
    virtual_nat {
        masquerade oif ma1
    }
}
)";

constexpr std::string_view kDent3 = R"(vrrp_instance VI_1 {
    state BACKUP
    interface enp0s4
    virtual_router_id 150
    priority 100
    advert_int 1
    unicast_src_ip 192.168.1.12
    unicast_peer {
        192.168.1.11
    }
    authentication {
        auth_type PASS
        auth_pass 1212
    }
    virtual_ipaddress {
        192.168.1.13/24
    }
    virtual_nat {
        masquerade oif ma1
    }
}
)";

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
  EXPECT_FALSE(instance.checksum_without_pseudo_header);

  ASSERT_EQ(instance.nat.size(), 1U);
  EXPECT_EQ(instance.nat.front().kind, NatRule::Kind::Masquerade);
  EXPECT_EQ(instance.nat.front().oif, "ma1");
  EXPECT_FALSE(instance.nat.front().from);
  EXPECT_FALSE(instance.nat.front().source);
  EXPECT_EQ(instance.nat.front().where.line, 19U);
}

TEST(Guide, Dent2) {
  expect_guide(kDent2, true, 101, IpAddress::v4(192, 168, 1, 11), IpAddress::v4(192, 168, 1, 12));
}

TEST(Guide, Dent3) {
  expect_guide(kDent3, false, 100, IpAddress::v4(192, 168, 1, 12), IpAddress::v4(192, 168, 1, 11));
}

// ---- meaning ----

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
  EXPECT_TRUE(instance.checksum_without_pseudo_header);
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
    })"));
  ASSERT_EQ(instance.nat.size(), 4U);
  EXPECT_EQ(instance.nat[0].kind, NatRule::Kind::Masquerade);
  EXPECT_EQ(instance.nat[0].oif, "ma1");
  EXPECT_EQ(instance.nat[0].from->text(), "192.168.1.0/24");
  EXPECT_FALSE(instance.nat[0].source);
  EXPECT_EQ(instance.nat[1].kind, NatRule::Kind::Snat);
  EXPECT_EQ(instance.nat[1].oif, "ma2");
  EXPECT_FALSE(instance.nat[1].from);
  EXPECT_EQ(instance.nat[1].source, IpAddress::v4(203, 0, 113, 7));
  EXPECT_EQ(instance.nat[2].from->text(), "192.168.1.9/32");
  EXPECT_EQ(instance.nat[3].from->text(), "0.0.0.0/0");
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

TEST(GlobalDefs, DefaultsAreCopiedWhereTheInstanceBegins) {
  const Outcome outcome =
      parse("global_defs {\n vrrp_garp_master_delay 9\n vrrp_down_timer_adverts 4\n}\n" + instance_with("") +
                "global_defs {\n vrrp_garp_master_repeat 2\n vrrp_garp_master_refresh 30\n"
                " vrrp_garp_master_refresh_repeat 3\n v3_checksum_as_v2\n}\n" +
                "vrrp_instance B {\n interface eth1\n virtual_router_id 1\n"
                " virtual_ipaddress { 10.0.0.2 }\n}\n",
            "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
  ASSERT_EQ(outcome.configuration.instances.size(), 2U);
  const Instance& before = outcome.configuration.instances[0];
  EXPECT_EQ(before.router.announce.second_burst_delay, seconds{9});
  EXPECT_EQ(before.router.announce.repeat, 5);
  EXPECT_EQ(before.router.announce.refresh_interval, seconds{0});
  EXPECT_EQ(before.router.down_adverts, 4);
  EXPECT_FALSE(before.checksum_without_pseudo_header);
  const Instance& after = outcome.configuration.instances[1];
  EXPECT_EQ(after.router.announce.second_burst_delay, seconds{9});
  EXPECT_EQ(after.router.announce.repeat, 2);
  EXPECT_EQ(after.router.announce.refresh_interval, seconds{30});
  EXPECT_EQ(after.router.announce.refresh_repeat, 3);
  EXPECT_EQ(after.router.down_adverts, 4);
  EXPECT_TRUE(after.checksum_without_pseudo_header);
}

TEST(GlobalDefs, VersionAndAnswersAreLookedUpAtTheEnd) {
  const std::string globals = "global_defs {\n router_id box\n vrrp_version 3\n vrrp_lower_prio_no_advert\n"
                              " vrrp_higher_prio_send_advert\n}\n";
  for (const std::string& text :
       {globals + instance_with("advert_int 0.5"), instance_with("advert_int 0.5") + globals}) {
    const Outcome outcome = parse(text, "f");
    EXPECT_EQ(texts(outcome), std::vector<std::string>{});
    EXPECT_EQ(outcome.configuration.router_id, "box");
    ASSERT_EQ(outcome.configuration.instances.size(), 1U);
    const core::RouterConfig& router = outcome.configuration.instances.front().router;
    EXPECT_EQ(router.version, core::Version::V3);
    EXPECT_EQ(router.advertisement_interval, milliseconds{500});
    EXPECT_FALSE(router.answer_lower_priority);
    EXPECT_TRUE(router.advertise_when_yielding);
  }
}

TEST(GlobalDefs, TheInstanceWins) {
  const Instance instance = only_instance("global_defs {\n vrrp_version 3\n vrrp_lower_prio_no_advert\n"
                                          " v3_checksum_as_v2\n vrrp_down_timer_adverts 9\n}\n" +
                                          instance_with("version 2\nlower_prio_no_advert off\n"
                                                        "v3_checksum_as_v2 off\ndown_timer_adverts 2"));
  EXPECT_EQ(instance.router.version, core::Version::V2);
  EXPECT_TRUE(instance.router.answer_lower_priority);
  EXPECT_FALSE(instance.checksum_without_pseudo_header);
  EXPECT_EQ(instance.router.down_adverts, 2);
}

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
    const std::string statement = "priority 9";
    return texts(parse(instance_with(std::string(length - statement.size(), ' ') + statement), "f"));
  };
  EXPECT_EQ(padded(1024), std::vector<std::string>{});
  EXPECT_EQ(padded(1026), (std::vector<std::string>{"f:5:1017: error: priority needs a number: 1 to 255",
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

// ---- diagnostics ----

struct Complaint {
  std::string text;
  std::vector<std::string> expected;
};

void expect_complaints(const std::vector<Complaint>& table) {
  for (const Complaint& row : table)
    EXPECT_EQ(texts(parse(row.text, "f")), row.expected) << row.text;
}

const std::string kNotYet = " is a keepalived keyword that xvrrp does not support yet";
const std::string kNoEffect = " is accepted, but has no effect in xvrrp: ";
const std::string kLoadBalancer =
    " belongs to keepalived's load balancer, which xvrrp does not have: it is skipped, "
    "and so is all of the kind that follows";

/// Rows about an instance's lines: the text begins at line 5.
Complaint in_instance(const std::string& lines, std::vector<std::string> expected) {
  return {instance_with(lines), std::move(expected)};
}
/// Rows about a line of virtual_ipaddress: the text is line 2.
Complaint in_addresses(const std::string& lines, std::vector<std::string> expected) {
  return {"vrrp_instance A { virtual_ipaddress {\n" + lines + "\n}\ninterface eth0\nvirtual_router_id 1\n}\n",
          std::move(expected)};
}
/// Rows about a line of virtual_nat: the text is line 6.
Complaint in_nat(const std::string& lines, std::vector<std::string> expected) {
  return in_instance("virtual_nat {\n" + lines + "\n}", std::move(expected));
}
/// Rows about global_defs: the text begins at line 2.
Complaint in_globals(const std::string& lines, std::vector<std::string> expected) {
  return {"global_defs {\n" + lines + "\n}\n", std::move(expected)};
}

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
       Complaint{"include /etc/keepalived/*.conf\n", {"f:1:1: error: \"include\"" + kNotYet}},
       Complaint{"vrrp_instance A {\n includea b.conf\n}\n", {"f:2:2: error: \"includea\"" + kNotYet}},
       in_instance(" @main priority 3",
                   {"f:5:2: error: conditional lines (\"@ID ...\") are not supported yet"}),
       Complaint{"@^main vrrp_instance A {\n nonsense\n}\n" + instance_with(""),
                 {"f:1:1: error: conditional lines (\"@ID ...\") are not supported yet"}},
       Complaint{"$A=1\n$B=\\\n priority 3 \\\n {\n" + instance_with(""),
                 {"f:1:1: error: definitions (\"$NAME=...\") are not supported yet",
                  "f:2:1: error: definitions (\"$NAME=...\") are not supported yet"}},
       Complaint{"vrrp_instance A {\n interface ${IF}\n priority 300\n}\n",
                 {"f:2:12: error: references to definitions (\"${NAME}\") are not supported yet",
                  "f:3:11: error: priority 300 is out of range: allowed are 1 to 255"}},
       in_instance("auth ${X",
                   {"f:5:6: error: references to definitions (\"${NAME}\") are not supported yet"}),
       in_instance("priority \"${P}\"",
                   {"f:5:11: error: references to definitions (\"${NAME}\") are not supported yet"}),
       in_addresses("10.0.0.9\n~SEQ(i, 1, 4) 10.0.0.$i",
                    {"f:3:1: error: repetitions (\"~SEQ\", \"~LST\") are not supported yet"})});
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
       in_instance("\x1b[31m", {"f:5:1: error: unknown keyword \"\\x1b[31m\" in vrrp_instance"}),
       in_instance("track_script {\n { bad } {\n }\n}",
                   {"f:5:1: error: \"track_script\"" + kNotYet,
                    "f:6:2: error: unexpected \"{\": no keyword stands before it",
                    "f:6:10: error: unexpected \"{\": no keyword stands before it"}),
       in_instance("no_accept\nuse_vmac vrrp.51",
                   {"f:5:1: error: \"no_accept\"" + kNotYet, "f:6:1: error: \"use_vmac\"" + kNotYet}),
       Complaint{"vrrp_sync_group G {\n group {\n  A\n }\n}\n",
                 {"f:1:1: error: \"vrrp_sync_group\"" + kNotYet}},
       in_globals("vrrp_strict", {"f:2:1: error: \"vrrp_strict\"" + kNotYet}),
       in_globals("router_idd x",
                  {"f:2:1: error: unknown keyword \"router_idd\" in global_defs: did you mean "
                   "\"router_id\"?"}),
       in_globals("notification_email {\n a@example.org\n}\nsmtp_server 10.0.0.1",
                  {"f:2:1: warning: \"notification_email\"" + kNoEffect + "it sends no mail",
                   "f:5:1: warning: \"smtp_server\"" + kNoEffect + "it sends no mail"}),
       in_globals("enable_script_security\nvrrp_rt_priority 50\nvrrp_check_unicast_src",
                  {"f:2:1: warning: \"enable_script_security\"" + kNoEffect + "it runs no scripts",
                   "f:3:1: warning: \"vrrp_rt_priority\"" + kNoEffect +
                       "elections always run at real-time priority in locked memory",
                   "f:4:1: warning: \"vrrp_check_unicast_src\"" + kNoEffect +
                       "adverts from senders that are not peers are always dropped"}),
       in_instance("check_unicast_src", {"f:5:1: warning: \"check_unicast_src\"" + kNoEffect +
                                         "adverts from senders that are not peers are always dropped"}),
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

TEST(Complaints, Values) {
  expect_complaints(
      {in_instance("    priority 300", {"f:5:14: error: priority 300 is out of range: allowed are 1 to 255"}),
       in_instance("priority 0", {"f:5:10: error: priority 0 is out of range: allowed are 1 to 255"}),
       in_instance("priority -5", {"f:5:10: error: priority -5 is out of range: allowed are 1 to 255"}),
       in_instance("priority 99999999999999999999",
                   {"f:5:10: error: priority 99999999999999999999 is out of range: allowed are 1 to 255"}),
       in_instance("priority 12a",
                   {"f:5:10: error: priority \"12a\" is not a whole number: allowed are 1 to 255"}),
       in_instance("priority 0x10",
                   {"f:5:10: error: priority \"0x10\" is not a whole number: allowed are 1 to 255"}),
       in_instance("priority \"\"",
                   {"f:5:10: error: priority \"\" is not a whole number: allowed are 1 to 255"}),
       in_instance("state master", {"f:5:7: error: unknown state \"master\": allowed are MASTER and BACKUP"}),
       in_instance("state MASTER\nstate BACKUP",
                   {"f:6:1: warning: state is given twice: MASTER wins over BACKUP"}),
       in_instance("version 4", {"f:5:9: error: version 4 is out of range: allowed are 2 and 3"}),
       in_globals("vrrp_version 1", {"f:2:14: error: vrrp_version 1 is out of range: allowed are 2 and 3"}),
       in_globals("vrrp_down_timer_adverts 101",
                  {"f:2:25: error: vrrp_down_timer_adverts 101 is out of range: allowed are 1 to 100"}),
       in_globals("v3_checksum_as_v2 On",
                  {"f:2:19: error: v3_checksum_as_v2 cannot be \"On\": allowed are on, off, "
                   "true, false, yes and no"}),
       in_instance("garp_master_repeat 65536",
                   {"f:5:20: error: garp_master_repeat 65536 is out of range: allowed are 0 to 65535"}),
       in_instance("preempt_delay 1000.1",
                   {"f:5:15: error: preempt_delay 1000.1 is out of range: allowed are 0 to "
                    "1000 seconds"}),
       in_instance("preempt_delay soon",
                   {"f:5:15: error: preempt_delay \"soon\" is not a number of seconds"}),
       in_instance("preempt_delay .", {"f:5:15: error: preempt_delay \".\" is not a number of seconds"}),
       in_instance("advert_int 1.2.3", {"f:5:12: error: advert_int \"1.2.3\" is not a number of seconds"}),
       in_instance("advert_int 0",
                   {"f:5:12: error: advert_int 0 is out of range: VRRP version 2 allows 1 to 255 "
                    "seconds"}),
       in_instance("advert_int 256",
                   {"f:5:12: error: advert_int 256 is out of range: VRRP version 2 allows 1 to 255 "
                    "seconds"}),
       in_instance("advert_int 40.96\nversion 3",
                   {"f:5:12: error: advert_int 40.96 is out of range: VRRP version 3 "
                    "allows 0.01 to 40.95 seconds"}),
       in_instance("advert_int 0.4",
                   {"f:5:12: warning: advert_int 0.4 is rounded to 1: VRRP version 2 has whole "
                    "seconds"}),
       in_instance("version 3\nadvert_int 0.125",
                   {"f:6:12: warning: advert_int 0.125 is rounded to 0.13: VRRP "
                    "version 3 has steps of 0.01 seconds"}),
       in_instance("state MASTER\npriority 9\nnopreempt\npreempt_delay 4",
                   {"f:7:1: warning: nopreempt has no effect with state MASTER: it is ignored",
                    "f:8:1: warning: preempt_delay has no effect with state MASTER: it is ignored"}),
       in_instance("state BACKUP\npriority 255\nnopreempt",
                   {"f:7:1: warning: nopreempt has no effect with priority 255: it is ignored"}),
       in_instance("nopreempt\npreempt_delay 4",
                   {"f:6:1: warning: preempt_delay has no effect with nopreempt: it is ignored"}),
       Complaint{
           "vrrp_instance A {\n interface a/b\n virtual_router_id 256\n virtual_ipaddress { 10.0.0.1 }\n}\n",
           {"f:2:12: error: \"a/b\" cannot be an interface name: allowed are 1 to 15 characters other than "
            "\"/\", \":\" and blanks",
            "f:3:20: error: virtual_router_id 256 is out of range: allowed are 1 to 255"}},
       in_instance("authentication {\n auth_type AH\n auth_pass x\n}",
                   {"f:6:12: error: auth_type AH is not supported yet: allowed is PASS"}),
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
       in_addresses("fe80::1/64\n2001:db8::1/64",
                    {"f:2:1: error: IPv6 virtual routers are not supported yet"}),
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
                    {"f:2:16: error: unknown scope \"moon\": allowed are global, site, link, "
                     "host, nowhere and 0 to 255"}),
       in_addresses("10.0.0.1 scope 256", {"f:2:16: error: scope 256 is out of range: allowed are 0 to 255"}),
       in_addresses("10.0.0.1/31 brd +",
                    {"f:2:17: error: a prefix of length 31 has no broadcast address: allowed are "
                     "lengths up to 30"}),
       in_addresses("10.0.0.1/24 brd x", {"f:2:17: error: \"x\" is not an IP address"}),
       in_addresses("10.0.0.1 label eth0:0123456789x",
                    {"f:2:16: error: label \"eth0:0123456789x\" has 16 characters: allowed are 1 to 15"}),
       in_addresses("10.0.0.1 peer 10.0.0.2 no_track colour",
                    {"f:2:10: error: \"peer\"" + kNotYet, "f:2:24: error: \"no_track\"" + kNotYet,
                     "f:2:33: error: unexpected \"colour\" after the address"}),
       in_addresses("10.0.0.1 {\n}", {"f:2:10: error: unexpected \"{\": an entry of this list has no block"}),
       in_instance("unicast_src_ip 10.0.0.8\nunicast_peer {\n 10.0.0.8\n 10.0.0.9\n 10.0.0.9\n}",
                   {"f:7:2: error: peer 10.0.0.8 is our own address: unicast_src_ip says so",
                    "f:9:2: error: peer 10.0.0.9 is given twice"}),
       in_instance(
           "unicast_peer {\n 10.0.0.9 min_ttl 255 10.0.0.7\n 0.0.0.0\n fe80::1\n}",
           {"f:6:11: error: \"min_ttl\"" + kNotYet,
            "f:6:23: error: unexpected \"10.0.0.7\" after the address of the peer",
            "f:7:2: error: 0.0.0.0 is not a unicast address",
            "f:8:2: error: fe80::1 is an IPv6 address, but the virtual router is IPv4: the first line of "
            "virtual_ipaddress decides"}),
       in_instance("unicast_peer {\n}",
                   {"f:5:1: warning: unicast_peer is empty: adverts go to the multicast group"}),
       in_instance("mcast_src_ip here", {"f:5:14: error: \"here\" is not an IP address"}),
       in_instance("mcast_src_ip 10.0.0.8\nunicast_src_ip 10.0.0.9",
                   {"f:6:1: warning: unicast_src_ip and mcast_src_ip are one setting: the later one counts"}),
       in_nat("masquerade", {"f:6:1: error: masquerade needs \"oif\" with an interface name"}),
       in_nat("snat from 10.0.0.0/8", {"f:6:1: error: snat needs \"oif\" with an interface name",
                                       "f:6:1: error: snat needs \"to\" with an address"}),
       in_nat("masquerade oif ma1 to 10.0.0.1",
              {"f:6:20: error: unexpected \"to\": allowed are oif and from"}),
       in_nat("snat to 10.0.0.1 via ma1",
              {"f:6:18: error: unexpected \"via\": allowed are to, oif and from"}),
       in_nat("dnat to 10.0.0.1",
              {"f:6:1: error: unknown kind of rule \"dnat\" in virtual_nat: allowed are masquerade "
               "and snat"}),
       in_nat("masquerade oif ma1 from 10.0.0.1/8",
              {"f:6:25: error: 10.0.0.1/8 has bits set behind its length: the network is 10.0.0.0/8"}),
       in_nat("snat oif ma1 to fe80::1",
              {"f:6:17: error: fe80::1 is an IPv6 address, but the virtual router is IPv4: "
               "the first line of virtual_ipaddress decides"})});
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
                 {"f:9:2: error: virtual_router_id 1 is taken on eth0: by vrrp_instance \"A\" at line 1"}}});
}

TEST(Diagnostics, EveryErrorInOnePass) {
  const Outcome outcome = parse(R"(! one of everything
global_defs {
   router_id
   vrrp_strict
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
          "f:4:4: error: \"vrrp_strict\"" + kNotYet,
          "f:7:11: error: unknown state \"master\": allowed are MASTER and BACKUP",
          "f:9:23: error: virtual_router_id 300 is out of range: allowed are 1 to 255",
          "f:10:5: error: unknown keyword \"prioritty\" in vrrp_instance: did you mean \"priority\"?",
          "f:11:14: error: priority 300 is out of range: allowed are 1 to 255",
          "f:13:19: error: auth_type AH is not supported yet: allowed is PASS",
          "f:15:5: error: missing \"}\" before virtual_ipaddress: the block opened at line 12, column 20" +
              kNotClosed,
          "f:16:24: error: prefix length 33 is out of range: allowed are 1 to 32",
          "f:18:5: error: \"track_script\"" + kNotYet,
          "f:22:8: error: masquerade needs \"oif\" with an interface name",
          "f:25:15: error: vrrp_instance \"VI_1\" is given twice: first at line 6",
          "f:28:5: error: missing \"{\" after virtual_ipaddress",
          "f:32:1: error: surplus \"}\": no block is open here",
      }));
}

TEST(Diagnostics, MoreThan255AddressesAreReportedOnce) {
  std::string lines;
  for (int i = 0; i < 260; ++i)
    lines += "10.0." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200) + "\n";
  EXPECT_EQ(texts(parse(in_addresses(lines, {}).text, "f")),
            (std::vector<std::string>{
                "f:257:1: error: too many virtual addresses: allowed are 255 per vrrp_instance"}));
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
                                " virtual_ipaddress { 10.0.0.1 }\n}\n",
            "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
}

// ---- files ----

class ConfigFile : public ::testing::Test {
protected:
  void write(std::string_view text) {
    std::FILE* const file = std::fopen(path_.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
    ASSERT_EQ(std::fclose(file), 0);
  }
  void TearDown() override { std::remove(path_.c_str()); }

  /// Tests of one program run as processes of their own, at the same time.
  const std::string path_ = ::testing::TempDir() + "xvrrp_config_test_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".conf";
};

TEST_F(ConfigFile, IsReadAsItStands) {
  write(kDent2);
  const Outcome outcome = load_file(path_);
  EXPECT_TRUE(outcome.ok());
  ASSERT_EQ(outcome.configuration.instances.size(), 1U);
  EXPECT_EQ(outcome.configuration.instances.front().where.file, path_);
}

TEST_F(ConfigFile, MayBeMissing) {
  const Outcome outcome = load_file(path_);
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(texts(outcome), std::vector<std::string>{path_ + ": cannot read: No such file or directory"});
}

TEST_F(ConfigFile, MayBeADirectory) {
  EXPECT_EQ(texts(load_file("/")), std::vector<std::string>{"/: cannot read: Is a directory"});
}

TEST_F(ConfigFile, MayBeEndless) {
  EXPECT_EQ(texts(load_file("/dev/zero")),
            std::vector<std::string>{"/dev/zero: cannot read: larger than 16 MiB"});
}

// ---- any input ----

/// Whatever the text was, the answer is well-formed.
void expect_sane(const std::string& text) {
  const Outcome outcome = parse(text, "f");
  unsigned line = 1;
  for (const Diagnostic& diagnostic : outcome.diagnostics) {
    ASSERT_GE(diagnostic.where.line, line) << text;
    ASSERT_GE(diagnostic.where.column, 1U) << text;
    ASSERT_FALSE(diagnostic.message.empty()) << text;
    line = diagnostic.where.line;
  }
  if (!outcome.ok())
    return;
  for (const Instance& instance : outcome.configuration.instances) {
    ASSERT_FALSE(instance.interface.empty()) << text;
    ASSERT_FALSE(instance.addresses.empty()) << text;
    ASSERT_NE(instance.router.vrid, 0) << text;
    ASSERT_NE(instance.router.priority, 0) << text;
    ASSERT_GT(instance.router.advertisement_interval, seconds{0}) << text;
  }
}

TEST(AnyInput, RandomBytes) {
  std::mt19937 random{20240601};
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 400, ' ');
    for (char& byte : text)
      byte = static_cast<char>(random() % 256);
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

TEST(AnyInput, RandomWords) {
  constexpr std::array<std::string_view, 44> kWords{"{",
                                                    "}",
                                                    "\n",
                                                    "\n",
                                                    "\n",
                                                    "\"",
                                                    "#",
                                                    "!",
                                                    "\\",
                                                    "${A}",
                                                    "@a",
                                                    "$A=",
                                                    "~SEQ(i,3)",
                                                    "include",
                                                    "global_defs",
                                                    "{\n",
                                                    "}\n",
                                                    "accept",
                                                    "priority",
                                                    "advert_int",
                                                    "interface",
                                                    "eth0",
                                                    "255",
                                                    "1",
                                                    "0.01",
                                                    "state",
                                                    "MASTER",
                                                    "version",
                                                    "3",
                                                    "10.0.0.1/24",
                                                    "fe80::1",
                                                    "dev",
                                                    "brd",
                                                    "+",
                                                    "from",
                                                    "oif",
                                                    "snat",
                                                    "masquerade",
                                                    "to",
                                                    "vrrp_instance",
                                                    "virtual_ipaddress {\n",
                                                    "virtual_nat {\n",
                                                    "unicast_peer {\n",
                                                    "authentication {\n"};
  std::mt19937 random{7};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto count = random() % 120; count > 0; --count) {
      text += kWords[random() % kWords.size()];
      if (random() % 8 != 0)
        text += ' ';
    }
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

TEST(AnyInput, DamagedFiles) {
  std::mt19937 random{1};
  for (int round = 0; round < 3000; ++round) {
    std::string text{kDent2};
    for (auto count = 1 + random() % 4; count > 0; --count) {
      const std::size_t place = random() % text.size();
      switch (random() % 3) {
      case 0:
        text[place] = static_cast<char>(random() % 256);
        break;
      case 1:
        text.erase(place, 1 + random() % 20);
        break;
      default:
        text.insert(place, text.substr(random() % text.size(), random() % 40));
        break;
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

TEST(AnyInput, EveryPrefixOfAFile) {
  for (std::size_t length = 0; length <= kDent2.size(); ++length)
    ASSERT_NO_FATAL_FAILURE(expect_sane(std::string{kDent2.substr(0, length)}));
}

TEST(AnyInput, Masses) {
  for (const char* const piece :
       {"{", "}", "{\n", "}\n", "a {", "a\n", "\"", "${", "vrrp_instance a {\n", "#", "\\"}) {
    std::string text;
    while (text.size() < 200000)
      text += piece;
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

} // namespace
} // namespace xvrrp::config
