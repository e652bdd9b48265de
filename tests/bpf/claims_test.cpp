// SPDX-License-Identifier: BSD-2-Clause
// Somebody says that he has a virtual address (RFC 5227 2.4): counted and told while we are Master, and
// passed.
#include <algorithm>
#include <array>

#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

const Bytes kDevice{0x02, 0, 0, 0, 0, 0x12};
const Bytes kVirtual{0x00, 0x00, 0x5e, 0x00, 0x01, 10};
const Bytes kHost{0x02, 0, 0, 0, 0, 0x66};
const Bytes kVip{192, 168, 1, 13};
constexpr std::uint16_t kRequest = 1, kReply = 2;

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const auto& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes arp(std::uint16_t operation, const Bytes& mac, const Bytes& sender, const Bytes& target,
          const Bytes& tag = {}) {
  return joined({Bytes(6, 0xff),
                 mac,
                 tag,
                 {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, static_cast<std::uint8_t>(operation)},
                 mac,
                 sender,
                 Bytes(6, 0),
                 target});
}

/// An unsolicited Neighbor Advertisement; `option` is its Target Link-Layer Address, `before` what stands
/// between the IPv6 header and ICMPv6.
Bytes advertisement(const Bytes& source, const Bytes& target, const Bytes& option, const Bytes& before = {},
                    std::uint8_t first_header = 58, std::uint8_t hop_limit = 255) {
  const auto options = option.empty() ? Bytes{} : joined({{2, 1}, option});
  const auto length = static_cast<std::uint8_t>(before.size() + 24 + options.size());
  return joined({{0x33, 0x33, 0, 0, 0, 1},
                 source,
                 {0x86, 0xdd, 0x60, 0, 0, 0, 0, length, first_header, hop_limit},
                 v6("fe80::66"),
                 v6("ff02::1"),
                 before,
                 {136, 0, 0, 0, 0x20, 0, 0, 0},
                 target,
                 options});
}

class Claims : public BpfTest {
protected:
  void prepare() override {
    configure_interface(XV_MODE_OWN);
    for (auto* router : {&router_, &six_}) {
      std::copy(kDevice.begin(), kDevice.end(), router->config.device_mac);
      start(router->in_role(XV_ROLE_MASTER), 0);
    }
    guard(router_, kVip);
    guard(six_, v6("fe80::13"));
  }
  void guard(const Router& router, const Bytes& address, std::uint16_t vlan = 0) {
    dataplane::GuardedAddress guarded;
    guarded.key = {ifindex(), vlan, 0, static_cast<__u8>(address.size() == 16 ? 6 : 4), {}, {}};
    std::copy(address.begin(), address.end(), guarded.key.address);
    guarded.value = {key_of(router), XV_VIP_INSTALLED};
    addresses_.push_back(guarded);
    ASSERT_TRUE(plane().guard_addresses(addresses_));
  }
  /// Whether it was counted; it passes always.
  bool is_claim(const Bytes& frame) {
    const auto before = counters();
    EXPECT_EQ(receive(frame), "XDP_PASS");
    const auto change = moved(before, counters());
    const bool claimed = change == Counters{{"vr10 claimed", 1}} || change == Counters{{"six10 claimed", 1}};
    EXPECT_TRUE(claimed || change.empty());
    return claimed;
  }

  Router router_ = v3_router();
  Router six_ = six_router();

private:
  std::vector<dataplane::GuardedAddress> addresses_;
};

TEST_F(Claims, WhoSendsArpFromTheAddressHasIt) {
  EXPECT_TRUE(is_claim(arp(kRequest, kHost, kVip, kVip))) << "gratuitous";
  EXPECT_TRUE(is_claim(arp(kReply, kHost, kVip, {192, 168, 1, 50})));
  EXPECT_TRUE(is_claim(arp(kRequest, kHost, kVip, {192, 168, 1, 50})));
  EXPECT_FALSE(is_claim(arp(kRequest, kHost, {192, 168, 1, 50}, kVip))) << "asks who has it";
  EXPECT_FALSE(is_claim(arp(kRequest, kHost, {0, 0, 0, 0}, kVip))) << "a probe: whoever has it answers";
  EXPECT_FALSE(is_claim(arp(kRequest, kHost, {192, 168, 1, 14}, {192, 168, 1, 14})));
}

TEST_F(Claims, IsToldWithWhoItIsAtMostOnceASecond) {
  receive(arp(kRequest, kHost, kVip, kVip), 5);
  const auto events = take_events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, XV_EVENT_CLAIMED);
  EXPECT_TRUE(std::equal(kHost.begin(), kHost.end(), events[0].mac));
  EXPECT_TRUE(std::equal(kVip.begin(), kVip.end(), events[0].source));
  const auto key = key_of(router_);
  EXPECT_TRUE(dataplane::same_key(events[0].key, key));
  EXPECT_EQ(counters().at("vr10 claimed"), 5u);
  const auto claim = live(router_).claim;
  EXPECT_TRUE(std::equal(kHost.begin(), kHost.end(), claim.mac));
  EXPECT_GT(claim.last_ns, claim.told_ns);
}

TEST_F(Claims, NeighborAdvertisementsLikewise) {
  const auto target = v6("fe80::13");
  EXPECT_TRUE(is_claim(advertisement(kHost, target, kHost)));
  EXPECT_TRUE(is_claim(advertisement(kHost, target, {}))) << "without the option the frame's source counts";
  EXPECT_TRUE(is_claim(advertisement(kDevice, target, kHost))) << "the option is what hosts believe";
  EXPECT_FALSE(is_claim(advertisement(kHost, target, kDevice)));
  EXPECT_FALSE(is_claim(advertisement(kHost, v6("fe80::14"), kHost)));
  EXPECT_FALSE(is_claim(advertisement(kHost, target, kHost, {}, 58, 64))) << "came through a router";
  EXPECT_TRUE(is_claim(advertisement(kHost, target, kHost, {58, 0, 1, 4, 0, 0, 0, 0}, 60)))
      << "behind Destination Options";
}

TEST_F(Claims, OurOwnFramesThatComeBackAreNone) {
  std::copy(kVirtual.begin(), kVirtual.end(), router_.config.mac);
  configure(router_);
  EXPECT_FALSE(is_claim(arp(kRequest, kDevice, kVip, kVip)));
  EXPECT_FALSE(is_claim(arp(kRequest, kVirtual, kVip, kVip)))
      << "or another router's, with the same virtual MAC";
  EXPECT_FALSE(is_claim(advertisement(kDevice, v6("fe80::13"), kDevice)));
}

TEST_F(Claims, OnlyAMasterHasTheAddresses) {
  for (const auto role : {XV_ROLE_STOPPED, XV_ROLE_BACKUP, XV_ROLE_RESIGNING}) {
    set_role(router_, role, now_ns() + kHour, 2);
    EXPECT_FALSE(is_claim(arp(kRequest, kHost, kVip, kVip))) << role;
  }
}

/// In a takeover both announce the addresses for a moment; adverts tell of that.
TEST_F(Claims, NotWhileAnotherRouterOfTheVridIsHeard) {
  receive(Packet::v3().priority(50));
  EXPECT_FALSE(is_claim(arp(kRequest, kHost, kVip, kVip)));
  auto state = live(router_);
  state.heard.last_ns -= XV_CLAIM_GRACE_NS;
  ASSERT_EQ(plane().liveness().set(key_of(router_), state), 0);
  EXPECT_TRUE(is_claim(arp(kRequest, kHost, kVip, kVip)));
}

TEST_F(Claims, WithoutTheInterfacesMacNobodyIsBlamed) {
  configure(v3_router().in_role(XV_ROLE_MASTER));
  EXPECT_FALSE(is_claim(arp(kRequest, kHost, kVip, kVip)));
}

TEST_F(Claims, AreOfTheirVlan) {
  const Bytes tag{0x81, 0x00, 0, 42};
  EXPECT_FALSE(is_claim(arp(kRequest, kHost, kVip, kVip, tag)));
  guard(router_, kVip, 42);
  EXPECT_TRUE(is_claim(arp(kRequest, kHost, kVip, kVip, tag)));
}

TEST_F(Claims, BrokenFramesAreNone) {
  const auto whole = arp(kRequest, kHost, kVip, kVip);
  for (std::size_t length = 14; length < whole.size(); ++length)
    EXPECT_FALSE(is_claim(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))));
  auto token_ring = whole;
  token_ring[15] = 6;
  EXPECT_FALSE(is_claim(token_ring));
}

} // namespace
} // namespace xvrrp::test
