// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstring>

#include <linux/if_addr.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "allocations.hpp"
#include "platform/addresses.hpp"
#include "platform/interfaces.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

using namespace testing;

class Addresses : public NamespaceTest {
protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped())
      return;
    shell("ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up");
    index_ = index_of("up0");
    auto opened = RouteSocket::open();
    ASSERT_TRUE(opened);
    socket_.emplace(std::move(*opened));
  }

  AddressBatch batch(const std::vector<AddressSpec>& specs) {
    auto built = AddressBatch::build(specs);
    EXPECT_TRUE(built);
    return std::move(*built);
  }
  AddressSpec spec(const std::string& text) { return {index_, prefix(text), "", {}, 0}; }

  std::vector<InterfaceAddress> present() {
    const auto found = find_interface(index_);
    return found && *found ? (*found)->addresses : std::vector<InterfaceAddress>{};
  }
  const InterfaceAddress* find(const std::vector<InterfaceAddress>& all, const std::string& text) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](auto& each) { return each.prefix == prefix(text); });
    return at == all.end() ? nullptr : &*at;
  }
  std::vector<Refusal> errors() {
    std::vector<Refusal> all;
    socket_->drain_errors([&](const Refusal& error) { all.push_back(error); });
    return all;
  }

  std::uint32_t index_ = 0;
  std::optional<RouteSocket> socket_;
};

TEST_F(Addresses, AreUsableWhenSendReturnsAndCarryOurMark) {
  auto v4 = spec("192.168.1.13/24");
  v4.label = "up0:vip";
  v4.broadcast = address("192.168.1.255");
  const auto both = batch({v4, spec("2001:db8::13/64")});

  ASSERT_EQ(socket_->send(both.installs()), 0);
  // Nothing in between: a socket can use the addresses at once.
  const int v4_socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  std::memcpy(&local.sin_addr, v4.prefix.address.bytes().data(), 4);
  EXPECT_EQ(::bind(v4_socket, reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
  const int v6_socket = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 local6{};
  local6.sin6_family = AF_INET6;
  std::memcpy(&local6.sin6_addr, address("2001:db8::13").bytes().data(), 16);
  EXPECT_EQ(::bind(v6_socket, reinterpret_cast<sockaddr*>(&local6), sizeof local6), 0);
  ::close(v4_socket);
  ::close(v6_socket);

  const auto all = present();
  const auto* first = find(all, "192.168.1.13/24");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->protocol, kAddressProtocol);
  EXPECT_EQ(first->label, "up0:vip");
  const auto* second = find(all, "2001:db8::13/64");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->protocol, kAddressProtocol);
  EXPECT_FALSE(second->tentative);
  EXPECT_NE(output_of("ip -4 addr show dev up0").find("brd 192.168.1.255"), std::string::npos);

  ASSERT_EQ(socket_->send(both.removals()), 0);
  EXPECT_EQ(find(present(), "192.168.1.13/24"), nullptr);
  EXPECT_EQ(find(present(), "2001:db8::13/64"), nullptr);
  EXPECT_TRUE(errors().empty());
}

TEST_F(Addresses, InstallingAndRemovingTwiceIsNoError) {
  const auto both = batch({spec("192.168.1.13/24"), spec("2001:db8::13/64")});
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(socket_->send(both.installs()), 0);
  EXPECT_EQ(find(present(), "192.168.1.13/24")->protocol, kAddressProtocol);
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(socket_->send(both.removals()), 0);
  EXPECT_TRUE(errors().empty());
}

TEST_F(Addresses, TheOperatorsAddressStaysHis) {
  shell("ip addr add 192.168.1.13/24 dev up0");
  ASSERT_EQ(socket_->send(batch({spec("192.168.1.13/24")}).installs()), 0);
  EXPECT_EQ(find(present(), "192.168.1.13/24")->protocol, 0);
  const auto removed = remove_addresses_with_protocol(index_, kAddressProtocol);
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, 0U);
}

TEST_F(Addresses, ARefusalNamesTheAddressAndStopsNoOther) {
  auto nowhere = spec("192.168.1.14/24");
  nowhere.ifindex = 4711;
  const auto mixed = batch({spec("192.168.1.13/24"), nowhere, spec("192.168.1.15/24")});
  ASSERT_EQ(socket_->send(mixed.installs()), 0);
  EXPECT_NE(find(present(), "192.168.1.13/24"), nullptr);
  EXPECT_NE(find(present(), "192.168.1.15/24"), nullptr);
  const auto refused = errors();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].what, "192.168.1.14/24 on interface 4711");
  EXPECT_EQ(refused[0].code, ENODEV);
  EXPECT_FALSE(refused[0].removing);
  ASSERT_EQ(socket_->send(mixed.removals()), 0);
  EXPECT_TRUE(errors().empty()) << "what is not there need not be removed";
}

TEST_F(Addresses, ManyTakeSeveralChunksAndNoAllocation) {
  std::vector<AddressSpec> specs;
  specs.reserve(1000);
  for (int i = 0; i < 1000; ++i)
    specs.push_back(spec("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + "/16"));
  const auto many = batch(specs);
  EXPECT_GT(many.installs().size(), 1U);
  for (const auto& chunk : many.installs())
    EXPECT_LE(chunk.size(), 16U * 1024);

  const auto before = allocations();
  const int code = socket_->send(many.installs());
  const auto after = allocations();
  EXPECT_EQ(code, 0);
  EXPECT_EQ(after - before, 0U);

  const auto marked = present();
  EXPECT_EQ(std::count_if(marked.begin(), marked.end(),
                          [](auto& each) { return each.protocol == kAddressProtocol; }),
            1000);
  ASSERT_EQ(socket_->send(many.removals()), 0);
  EXPECT_TRUE(errors().empty());
  const auto left = present();
  EXPECT_TRUE(
      std::none_of(left.begin(), left.end(), [](auto& each) { return each.protocol == kAddressProtocol; }));
}

TEST_F(Addresses, WhatAKilledPredecessorLeftIsRemovedAndNothingElse) {
  shell("ip addr add 192.168.1.11/24 dev up0; ip addr add 10.0.0.1/8 dev up1");
  ASSERT_EQ(socket_->send(batch({spec("192.168.1.13/24"), spec("172.16.0.1/24"), spec("172.16.0.2/24"),
                                 spec("2001:db8::13/64")})
                              .installs()),
            0);
  auto other = spec("10.0.0.2/8");
  other.ifindex = index_of("up1");
  ASSERT_EQ(socket_->send(batch({other}).installs()), 0);

  const auto on_one = remove_addresses_with_protocol(index_, kAddressProtocol);
  ASSERT_TRUE(on_one);
  EXPECT_EQ(*on_one, 4U);
  EXPECT_NE(find(present(), "192.168.1.11/24"), nullptr);
  EXPECT_EQ(find(present(), "172.16.0.2/24"), nullptr);
  const auto everywhere = remove_addresses_with_protocol(0, kAddressProtocol);
  ASSERT_TRUE(everywhere);
  EXPECT_EQ(*everywhere, 1U);
  EXPECT_NE(output_of("ip addr show dev up1").find("10.0.0.1/8"), std::string::npos);
}

TEST_F(Addresses, OneOfManyCanBeInstalledAlone) {
  std::vector<AddressSpec> specs;
  for (int i = 0; i < 400; ++i) // more than a chunk holds
    specs.push_back(spec("10.1." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1) + "/32"));
  const auto many = batch(specs);
  ASSERT_GT(many.installs().size(), 1U);
  for (const std::size_t index : {0U, 399U})
    ASSERT_EQ(socket_->send(many.install_of(index)), 0);
  const auto all = present();
  EXPECT_NE(find(all, "10.1.0.1/32"), nullptr);
  EXPECT_NE(find(all, "10.1.1.200/32"), nullptr);
  EXPECT_EQ(
      std::count_if(all.begin(), all.end(), [](auto& each) { return each.protocol == kAddressProtocol; }), 2);
}

TEST_F(Addresses, HavePeersAndFlags) {
  auto v4 = spec("10.0.0.1/32");
  v4.peer = address("10.0.0.2");
  auto v6 = spec("2001:db8::1/128");
  v6.peer = address("2001:db8::2");
  auto detecting = spec("2001:db8::3/64");
  detecting.detects_duplicates = true;
  auto deprecated = spec("2001:db8::4/64");
  deprecated.preferred_lifetime = 0;
  deprecated.flags = IFA_F_NOPREFIXROUTE;
  const std::vector<AddressSpec> specs{v4, v6, detecting, deprecated};
  std::vector<Refusal> refused;
  ASSERT_TRUE(install_addresses(specs, [&](const Refusal& error) { refused.push_back(error); }));
  const auto up0 = find_interface(index_);
  ASSERT_TRUE(up0 && *up0);
  for (const auto& each : specs)
    EXPECT_TRUE(is_installed(each, **up0)) << each.prefix.text();
  EXPECT_EQ(find(present(), "10.0.0.1/32")->peer, v4.peer);
  EXPECT_EQ(find(present(), "2001:db8::1/128")->peer, v6.peer);
  EXPECT_TRUE(find(present(), "2001:db8::3/64")->tentative);
  EXPECT_NE(output_of("ip addr show dev up0").find("deprecated noprefixroute"), std::string::npos)
      << output_of("ip addr show dev up0");

  const auto left = remove_addresses_with_protocol(index_, kAddressProtocol); // knows the peers too
  ASSERT_TRUE(left);
  EXPECT_EQ(*left, specs.size());
  ASSERT_TRUE(install_addresses(specs, [&](const Refusal& error) { refused.push_back(error); }));
  ASSERT_TRUE(remove_addresses(specs, [&](const Refusal& error) { refused.push_back(error); }));
  EXPECT_EQ(find(present(), "10.0.0.1/32"), nullptr);
  EXPECT_EQ(find(present(), "2001:db8::1/128"), nullptr);
  EXPECT_TRUE(refused.empty());
}

TEST(AddressBatch, RefusesWhatDoesNotFitTheFamily) {
  const auto refused = [](AddressSpec spec) {
    const auto built = AddressBatch::build(std::span{&spec, 1});
    return !built && built.error().kind == ErrorKind::Usage;
  };
  EXPECT_TRUE(refused({0, prefix("192.168.1.13/24"), "", {}, 0}));
  EXPECT_TRUE(refused({1, prefix("192.168.1.13/33"), "", {}, 0}));
  EXPECT_TRUE(refused({1, prefix("192.168.1.13/24"), "sixteen-letters-", {}, 0}));
  EXPECT_TRUE(refused({1, prefix("2001:db8::1/64"), "label", {}, 0}));
  EXPECT_TRUE(refused({1, prefix("2001:db8::1/64"), "", address("1.2.3.4"), 0}));
  AddressSpec other_peer{1, prefix("10.0.0.1/32"), "", {}, 0};
  other_peer.peer = address("2001:db8::1");
  EXPECT_TRUE(refused(other_peer));
  AddressSpec deprecated{1, prefix("10.0.0.1/32"), "", {}, 0};
  deprecated.preferred_lifetime = 0;
  EXPECT_TRUE(refused(deprecated));
  const auto none = AddressBatch::build({});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->installs().empty());
}

} // namespace
} // namespace xvrrp::platform
