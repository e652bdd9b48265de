// SPDX-License-Identifier: BSD-2-Clause
// A router between a client and an upstream host, in three namespaces: what the upstream host sees.
#include <array>
#include <cstring>

#include <netinet/in.h>
#include <nftables/libnftables.h>
#include <poll.h>
#include <sys/socket.h>

#include "platform/nat.hpp"
#include "platform/ruleset_watch.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

using namespace testing;
using Kind = NatRule::Kind;

constexpr std::uint16_t kPort = 9;

sockaddr_in endpoint(const std::string& text, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  std::memcpy(&result.sin_addr, address(text).bytes().data(), 4);
  return result;
}

UniqueFd udp_socket(const std::string& text, std::uint16_t port) {
  UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto local = endpoint(text, port);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local), 0) << text;
  return fd;
}

class Nat : public NamespaceTest {
protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped())
      return;
    for (auto* const each : {&client_, &upstream_, &router_}) {
      each->emplace();
      // A router asks for neighbours from its link-local address: not before Duplicate Address Detection has
      // let go of it, a second or two after the link is up.
      shell("sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0");
    }
    shell("ip link add lan type veth peer name eth0 netns /proc/" + std::to_string(::getpid()) + "/fd/" +
          std::to_string(client_->fd()));
    shell("ip link add wan type veth peer name eth0 netns /proc/" + std::to_string(::getpid()) + "/fd/" +
          std::to_string(upstream_->fd()));
    shell("ip addr add 192.168.1.13/24 dev lan; ip addr add 203.0.113.1/24 dev wan");
    shell("ip addr add 203.0.113.77/24 dev wan; ip link set lan up; ip link set wan up");
    shell("sysctl -qw net.ipv4.ip_forward=1");
    upstream_->enter();
    // Unlike in life it has a route back, so that it hears what leaks.
    shell("ip addr add 203.0.113.8/24 dev eth0; ip link set eth0 up; ip route add default via 203.0.113.1");
    sink_ = udp_socket("203.0.113.8", kPort);
    client_->enter();
    shell("ip addr add 192.168.1.2/24 dev eth0; ip addr add 192.168.1.3/24 dev eth0; ip link set eth0 up");
    shell("ip route add default via 192.168.1.13");
    router_->enter();
  }

  UniqueFd client_socket(const std::string& source, std::uint16_t port) {
    client_->enter();
    UniqueFd fd = udp_socket(source, port);
    router_->enter();
    return fd;
  }

  /// Sends a datagram to the upstream host; the source that it sees, or "" when nothing arrives.
  std::string seen_from(const UniqueFd& client) {
    const auto to = endpoint("203.0.113.8", kPort);
    EXPECT_EQ(::sendto(client.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 1);
    pollfd poll{sink_.get(), POLLIN, 0};
    if (::poll(&poll, 1, 200) <= 0)
      return "";
    sockaddr_in from{};
    socklen_t length = sizeof from;
    char byte = 0;
    EXPECT_EQ(::recvfrom(sink_.get(), &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &length), 1);
    last_ = from;
    IpAddress::Bytes bytes{};
    std::memcpy(bytes.data(), &from.sin_addr, 4);
    return IpAddress{Family::IPv4, bytes}.text();
  }
  std::string seen_from(const std::string& source) { return seen_from(client_socket(source, 0)); }

  /// Whether an answer to the last datagram reaches the client.
  bool answer_reaches(const UniqueFd& client) {
    EXPECT_EQ(::sendto(sink_.get(), "y", 1, 0, reinterpret_cast<const sockaddr*>(&last_), sizeof last_), 1);
    pollfd poll{client.get(), POLLIN, 0};
    return ::poll(&poll, 1, 200) == 1;
  }

  static NatVr masquerading(const std::string& name = "VI_1") {
    return {name, "lan", {{Kind::Masquerade, "wan", {}, {}}}};
  }

  std::optional<Namespace> client_;
  std::optional<Namespace> router_;
  std::optional<Namespace> upstream_;
  UniqueFd sink_;
  sockaddr_in last_{};
};

TEST_F(Nat, TheMasterTranslatesAndNobodyElseForwards) {
  EXPECT_EQ(seen_from("192.168.1.2"), "192.168.1.2") << "without the table the router forwards as it is";
  auto table = NatTable::stage("default", {masquerading()});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(seen_from("192.168.1.2"), "");
  ASSERT_TRUE(table->activate(0));
  const auto client = client_socket("192.168.1.2", 5000);
  EXPECT_EQ(seen_from(client), "203.0.113.1");
  EXPECT_TRUE(answer_reaches(client));
  ASSERT_TRUE(table->deactivate(0));
  EXPECT_EQ(seen_from(client), "") << "nor what it translated before";
  EXPECT_EQ(seen_from("192.168.1.2"), "");
  ASSERT_TRUE(table->activate(0));
  ASSERT_TRUE(table->activate(0)) << "twice is once";
  EXPECT_EQ(output_of("nft list chain inet xvrrp_default vr0_nat | grep -c masquerade"), "1\n");
  EXPECT_EQ(seen_from(client), "203.0.113.1");
  ASSERT_TRUE(table->remove());
  EXPECT_EQ(output_of("nft list ruleset"), "");
  ASSERT_TRUE(table->remove()) << "twice is once";
}

TEST_F(Nat, AConnectionFromBeforeTheTableDoesNotLeak) {
  // Connection tracking runs only where a rule asks for it.
  shell("nft 'table ip other { chain c { type filter hook forward priority 0; ct state new accept; }; }'");
  const auto client = client_socket("192.168.1.2", 5000);
  EXPECT_EQ(seen_from(client), "192.168.1.2");
  EXPECT_TRUE(answer_reaches(client));
  auto table = NatTable::stage("default", {masquerading()});
  ASSERT_TRUE(table);
  ASSERT_TRUE(table->activate(0));
  EXPECT_EQ(seen_from(client), "") << "the kernel asks no nat chain about a connection it knows";
  EXPECT_EQ(seen_from("192.168.1.3"), "203.0.113.1");
}

TEST_F(Nat, SnatAndFromSelectTheirSources) {
  auto table = NatTable::stage(
      "default", {{"VI_1", "lan", {{Kind::Snat, "wan", prefix("192.168.1.2/32"), address("203.0.113.77")}}}});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(seen_from("192.168.1.2"), "");
  EXPECT_EQ(seen_from("192.168.1.3"), "192.168.1.3") << "not selected, not ours";
  ASSERT_TRUE(table->activate(0));
  EXPECT_EQ(seen_from("192.168.1.2"), "203.0.113.77");
  EXPECT_EQ(seen_from("192.168.1.3"), "192.168.1.3");
}

TEST_F(Nat, FromTakesAnAddressWithItsPrefix) {
  auto table = NatTable::stage("default",
                               {{"VI_1", "lan", {{Kind::Masquerade, "wan", prefix("192.168.1.13/24"), {}}}}});
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_TRUE(table->activate(0)) << "as an operator may write it";
  EXPECT_EQ(seen_from("192.168.1.2"), "203.0.113.1");
}

TEST_F(Nat, OneMasterOfTwoThatSelectTheSameIsEnough) {
  auto table = NatTable::stage("default", {masquerading("VI_1"), masquerading("VI_2")});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(seen_from("192.168.1.2"), "");
  for (const std::size_t master : {0U, 1U}) {
    ASSERT_TRUE(table->activate(master));
    EXPECT_EQ(seen_from("192.168.1.2"), "203.0.113.1") << master;
    ASSERT_TRUE(table->deactivate(master));
    EXPECT_EQ(seen_from("192.168.1.2"), "") << master;
  }
}

TEST_F(Nat, SwitchesTogetherAreOneTransaction) {
  auto table = NatTable::stage("default", {masquerading("VI_1"), masquerading("VI_2")});
  ASSERT_TRUE(table);
  ASSERT_TRUE(table->apply(std::array{NatSwitch{0, true}, NatSwitch{1, true}}));
  EXPECT_EQ(output_of("nft list table inet xvrrp_default | grep -c masquerade"), "2\n");
  ASSERT_TRUE(table->apply(std::array{NatSwitch{0, false}, NatSwitch{1, true}}));
  EXPECT_EQ(output_of("nft list table inet xvrrp_default | grep -c masquerade"), "1\n");
  EXPECT_EQ(seen_from("192.168.1.2"), "203.0.113.1");
  ASSERT_TRUE(table->apply({}));
}

TEST_F(Nat, ACrashLeavesTheFenceAndASuccessorReplacesIt) {
  {
    auto crashed = NatTable::stage("default", {masquerading(), masquerading()});
    ASSERT_TRUE(crashed);
    ASSERT_TRUE(crashed->activate(1));
    // The successor takes over a table as a crash would have left it.
    auto successor = NatTable::stage("default", {masquerading("hostile \"; flush ruleset; # \\ name")});
    ASSERT_TRUE(successor) << successor.error().message;
    EXPECT_EQ(seen_from("192.168.1.2"), "");
    EXPECT_EQ(output_of("nft list table inet xvrrp_default | grep -c vr1"), "0\n");
    ASSERT_TRUE(successor->activate(0));
    EXPECT_EQ(seen_from("192.168.1.2"), "203.0.113.1");
  }
  EXPECT_EQ(output_of("nft list ruleset"), "") << "the destructor removes the table";

  shell("nft add table inet xvrrp_a.b-c");
  ASSERT_TRUE(NatTable::remove_leftover("other"));
  ASSERT_TRUE(NatTable::remove_leftover("a.b-c"));
  EXPECT_EQ(output_of("nft list ruleset"), "");
}

TEST_F(Nat, RefusesWhatNftablesCannotExpress) {
  const auto kind_of = [](NatVr router) {
    auto staged = NatTable::stage("default", {std::move(router)});
    return staged ? ErrorKind{} : staged.error().kind;
  };
  EXPECT_EQ(kind_of({"VI_1", "la*", {{Kind::Masquerade, "wan", {}, {}}}}), ErrorKind::Usage);
  EXPECT_EQ(kind_of({"VI_1", "lan", {{Kind::Masquerade, "w\"; flush ruleset", {}, {}}}}), ErrorKind::Usage);
  EXPECT_EQ(kind_of({"VI_1", "lan", {{Kind::Masquerade, "wan", prefix("2001:db8::/32"), {}}}}),
            ErrorKind::Usage);
  EXPECT_EQ(kind_of({"VI_1", "lan", {{Kind::Snat, "wan", {}, {}}}}), ErrorKind::Usage);
  EXPECT_EQ(kind_of({"VI_1", "lan", {{Kind::Snat, "wan", {}, address("2001:db8::1")}}}), ErrorKind::Usage);
}

TEST_F(Nat, SnatTakesAPoolAndAnotherInput) {
  shell("ip addr add 203.0.113.78/24 dev wan");
  NatRule rule{Kind::Snat, "wan", {}, address("203.0.113.77"), address("203.0.113.78"), "lan"};
  auto table = NatTable::stage("default", {{"VI_1", "elsewhere", {rule}}});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(seen_from("192.168.1.2"), "") << "the rule's own input interface counts";
  ASSERT_TRUE(table->activate(0));
  for (const auto* const client : {"192.168.1.2", "192.168.1.3"}) {
    const auto seen = seen_from(client);
    EXPECT_TRUE(seen == "203.0.113.77" || seen == "203.0.113.78") << seen;
  }
  rule.to_last = address("203.0.113.1");
  EXPECT_FALSE(NatTable::stage("other", {{"VI_1", "lan", {rule}}})) << "a pool from its end to its begin";
}

TEST_F(Nat, IPv6IsTranslatedOrStays) {
  shell("sysctl -qw net.ipv6.conf.all.forwarding=1; ip addr add 2001:db8:1::1/64 dev lan nodad");
  shell("ip addr add 2001:db8:2::1/64 dev wan nodad; ip addr add 2001:db8:2::77/64 dev wan nodad "
        "preferred_lft 0");
  upstream_->enter(); // without a way back to the client: only what is translated is answered
  shell("ip -6 addr add 2001:db8:2::8/64 dev eth0 nodad");
  shell(
      "nft 'table ip6 seen { chain c { type filter hook input priority 0; "
      "ip6 saddr 2001:db8:1::/64 counter; ip6 saddr 2001:db8:2::77 icmpv6 type echo-request counter; }; }'");
  client_->enter();
  shell("ip addr add 2001:db8:1::2/64 dev eth0 nodad; ip -6 route add default via 2001:db8:1::1");
  router_->enter();
  const auto answered = [&] {
    client_->enter();
    const auto result = output_of("ping -6 -n -q -c 2 -i 0.2 -W 1 2001:db8:2::8 | grep -c ' 0% packet loss'");
    router_->enter();
    return result == "1\n";
  };
  for (const auto kind : {Kind::Masquerade, Kind::Snat}) {
    NatRule rule{kind, "wan", prefix("2001:db8:1::/64"), {}};
    rule.family = Family::IPv6;
    if (kind == Kind::Snat)
      rule.to = address("2001:db8:2::77");
    auto table = NatTable::stage("default", {{"VI_6", "lan", {rule}}});
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_FALSE(answered());
    ASSERT_TRUE(table->activate(0));
    EXPECT_TRUE(answered());
    ASSERT_TRUE(table->deactivate(0));
    EXPECT_FALSE(answered());
  }
  upstream_->enter();
  EXPECT_EQ(output_of("nft list ruleset | grep -c '2001:db8:1::/64 counter packets 0 '"), "1\n") << "no leak";
  EXPECT_EQ(output_of("nft list ruleset | grep -o 'echo-request counter packets [0-9]*'"),
            "echo-request counter packets 2\n");
  router_->enter();
}

TEST_F(Nat, WhatSomebodyElseDoesToTheTableIsSeenAndRepaired) {
  shell("nft add table ip other");
  auto watch = RulesetWatch::open();
  ASSERT_TRUE(watch) << watch.error().message;
  EXPECT_FALSE(watch->take_changed());
  auto table = NatTable::stage("default", {masquerading("VI_1"), masquerading("VI_2")});
  ASSERT_TRUE(table);
  EXPECT_TRUE(watch->take_changed());
  EXPECT_TRUE(table->is_intact());
  ASSERT_TRUE(table->activate(1));
  EXPECT_EQ(seen_from("192.168.1.2"), "203.0.113.1");
  EXPECT_TRUE(table->is_intact()) << "counters and our own switches are no change";
  for (const auto* const harm :
       {"nft flush chain inet xvrrp_default forward", "nft delete table inet xvrrp_default",
        "nft add rule inet xvrrp_default vr0_pass accept"}) {
    EXPECT_TRUE(watch->take_changed());
    shell(harm);
    EXPECT_TRUE(watch->take_changed()) << harm;
    EXPECT_FALSE(watch->take_changed()) << "once";
    EXPECT_FALSE(table->is_intact()) << harm;
    ASSERT_TRUE(table->repair()) << harm;
    EXPECT_TRUE(table->is_intact()) << harm;
    EXPECT_EQ(output_of("nft list chain inet xvrrp_default vr1_nat | grep -c masquerade"), "1\n");
    EXPECT_EQ(seen_from("192.168.1.2"), "203.0.113.1") << harm;
  }
  EXPECT_EQ(output_of("nft list tables | grep other"), "table ip other\n");
}

TEST_F(Nat, DnatReachesTheHostBehindAndNobodyElseAnswers) {
  NatRule udp{Kind::Dnat, "", {}, address("192.168.1.2"), {}, "wan"};
  udp.destinations = {address("203.0.113.70"), address("203.0.113.77")};
  udp.transport = NatRule::Transport::Udp;
  udp.ports = {7000, 7001};
  udp.to_port = kPort;
  auto tcp = udp;
  tcp.transport = NatRule::Transport::Tcp;
  tcp.ports = {8080, 8080};
  tcp.to_port = 0;
  NatVr router = masquerading();
  router.rules.insert(router.rules.end(), {udp, tcp});
  auto table = NatTable::stage("default", {router});
  ASSERT_TRUE(table) << table.error().message;

  const auto host = client_socket("192.168.1.2", kPort);
  client_->enter();
  const UniqueFd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto local = endpoint("192.168.1.2", 8080);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local), 0);
  ASSERT_EQ(::listen(listener.get(), 8), 0);
  const auto service = endpoint("203.0.113.77", 7001);
  const auto connecting = [&] {
    upstream_->enter();
    const auto code = output_of("timeout 0.5 bash -c '</dev/tcp/203.0.113.77/8080' 2>/dev/null; echo $?");
    router_->enter();
    return code;
  };
  const auto hears = [](const UniqueFd& fd) {
    pollfd poll{fd.get(), POLLIN, 0};
    return ::poll(&poll, 1, 200) == 1; // an error, "refused", counts too
  };

  const char* const nothing = "124\n"; // timeout's: neither accepted nor refused
  for (const std::uint16_t port :
       {std::uint16_t{6000}, std::uint16_t{6001}}) { // what is translated once goes on
    upstream_->enter();
    const auto outside = udp_socket("203.0.113.8", port);
    ASSERT_EQ(::connect(outside.get(), reinterpret_cast<const sockaddr*>(&service), sizeof service), 0);
    router_->enter();
    const auto ask = [&outside] { ASSERT_EQ(::send(outside.get(), "x", 1, 0), 1); };
    ask();
    EXPECT_FALSE(hears(host));
    EXPECT_FALSE(hears(outside)) << "nobody refuses for the host";
    EXPECT_EQ(connecting(), nothing);
    ASSERT_TRUE(table->activate(0));
    ask();
    ASSERT_TRUE(hears(host));
    sockaddr_in from{};
    socklen_t length = sizeof from;
    char byte = 0;
    ASSERT_EQ(::recvfrom(host.get(), &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &length), 1);
    EXPECT_EQ(from.sin_addr.s_addr, endpoint("203.0.113.8", 0).sin_addr.s_addr);
    ASSERT_EQ(::sendto(host.get(), "y", 1, 0, reinterpret_cast<const sockaddr*>(&from), length), 1);
    ASSERT_TRUE(hears(outside)) << "the answer passes the fence of masquerade";
    EXPECT_EQ(::recv(outside.get(), &byte, 1, 0), 1) << "from the address that was asked";
    EXPECT_EQ(connecting(), "0\n");
    ASSERT_TRUE(table->deactivate(0));
  }
}

TEST_F(Nat, DnatForIPv6) {
  shell("sysctl -qw net.ipv6.conf.all.forwarding=1; ip addr add 2001:db8:1::1/64 dev lan nodad");
  shell("ip addr add 2001:db8:2::77/64 dev wan nodad");
  client_->enter();
  shell("ip addr add 2001:db8:1::2/64 dev eth0 nodad; ip -6 route add default via 2001:db8:1::1");
  shell(
      "nft 'table ip6 seen { chain c { type filter hook input priority 0; icmpv6 type echo-request counter; "
      "}; }'");
  upstream_->enter();
  shell("ip addr add 2001:db8:2::8/64 dev eth0 nodad");
  router_->enter();
  NatRule all{Kind::Dnat, "", {}, address("2001:db8:1::2"), {}, "wan", Family::IPv6};
  all.destinations = {address("2001:db8:2::77")};
  auto web = all;
  web.transport = NatRule::Transport::Tcp;
  web.ports = {80, 80};
  web.to_port = 8080;
  auto table = NatTable::stage("default", {{"VI_6", "lan", {web, all}}});
  ASSERT_TRUE(table) << table.error().message;
  const auto answered = [&] {
    upstream_->enter();
    const auto result =
        output_of("ping -6 -n -q -c 2 -i 0.2 -W 1 2001:db8:2::77 | grep -c ' 0% packet loss'");
    router_->enter();
    return result == "1\n";
  };
  EXPECT_FALSE(answered());
  ASSERT_TRUE(table->activate(0));
  EXPECT_TRUE(answered());
  client_->enter();
  EXPECT_EQ(output_of("nft list ruleset | grep -c 'counter packets 2 '"), "1\n") << "by the host behind";
  router_->enter();
}

TEST_F(Nat, WhatConnectionTrackingDoesNotTakeStays) {
  upstream_->enter();
  shell("nft 'table ip seen { chain c { type filter hook prerouting priority raw; icmp type echo-reply "
        "counter; "
        "}; }'");
  router_->enter();
  const auto answer_unasked = [&] {
    client_->enter();
    shell("/usr/bin/python3 -c 'import socket as s; s.socket(s.AF_INET, s.SOCK_RAW, s.IPPROTO_ICMP)"
          ".sendto(bytes([0, 0, 255, 255, 0, 0, 0, 0]), (\"203.0.113.8\", 0))'");
    ::poll(nullptr, 0, 100);
    upstream_->enter();
    const auto seen = output_of("nft list ruleset | grep -o 'packets [0-9]*'");
    router_->enter();
    return seen;
  };
  EXPECT_EQ(answer_unasked(), "packets 1\n");
  auto table = NatTable::stage("default", {masquerading()});
  ASSERT_TRUE(table);
  ASSERT_TRUE(table->activate(0));
  EXPECT_EQ(answer_unasked(), "packets 1\n") << "nobody would translate it";
}

TEST_F(Nat, AFailureSaysWhy) {
  auto table = NatTable::stage("default", {masquerading()});
  ASSERT_TRUE(table);
  shell("nft delete table inet xvrrp_default");
  const auto gone = table->activate(0);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, "switching on the NAT of VI_1: nftables: No such file or directory");
}

/// Not what the lack of a capability is told as: process_test.cpp.
TEST_F(Nat, ATableThatAnotherProcessOwnsIsNamed) {
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> another{nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free};
  ASSERT_EQ(nft_run_cmd_from_buffer(another.get(), "table inet xvrrp_default { flags owner; }"), 0);
  for (const auto& error :
       {NatTable::stage("default", {masquerading()}).error(), NatTable::remove_leftover("default").error()}) {
    EXPECT_EQ(error.kind, ErrorKind::Conflict);
    EXPECT_EQ(error.message.find("nftables: table inet xvrrp_default is owned by another process"), 0u)
        << error.message;
  }
  EXPECT_TRUE(NatTable::stage("other", {masquerading()}));
}

} // namespace
} // namespace xvrrp::platform
