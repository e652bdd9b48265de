// SPDX-License-Identifier: BSD-2-Clause
// A router between a client and an upstream host, in three namespaces: what the upstream host sees.
#include <array>
#include <cstring>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "platform/nat.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

using namespace testing;
using Kind = NatRuleSpec::Kind;

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
    client_.emplace();
    upstream_.emplace();
    router_.emplace();
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

TEST_F(Nat, AFailureSaysWhy) {
  auto table = NatTable::stage("default", {masquerading()});
  ASSERT_TRUE(table);
  shell("nft delete table inet xvrrp_default");
  const auto gone = table->activate(0);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, "switching on the NAT of VI_1: nftables: No such file or directory");
}

} // namespace
} // namespace xvrrp::platform
