// SPDX-License-Identifier: BSD-2-Clause
// Packets that are not VRRP: the fence, Accept_Mode, virtual MACs.
#include <algorithm>
#include <array>
#include <optional>

#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

using Mac = std::array<std::uint8_t, 6>;
constexpr Mac kDevice{0x02, 0, 0, 0, 0, 0x12};
constexpr Mac kVirtual{0x00, 0x00, 0x5e, 0x00, 0x01, 10};
constexpr Mac kCustom{0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
const Bytes kHost{192, 168, 1, 50};
const Bytes kVip{192, 168, 1, 13};
const Bytes kOther{192, 168, 1, 14};
constexpr std::uint8_t kIcmp = 1, kUdp = 17, kTcp = 6, kIcmp6 = 58, kOptions = 60;

Bytes ethernet(const Mac& destination, std::uint16_t ethertype, std::optional<std::uint16_t> vlan = {}) {
  Bytes frame(destination.begin(), destination.end());
  frame.insert(frame.end(), {0x02, 0, 0, 0, 0, 0x50});
  if (vlan)
    frame.insert(frame.end(), {0x81, 0x00, static_cast<std::uint8_t>(*vlan >> 8),
                               static_cast<std::uint8_t>(*vlan & 0xff)});
  frame.insert(frame.end(),
               {static_cast<std::uint8_t>(ethertype >> 8), static_cast<std::uint8_t>(ethertype)});
  return frame;
}

void append(Bytes& frame, const Bytes& bytes) {
  frame.insert(frame.end(), bytes.begin(), bytes.end());
}

Bytes arp_request(const Bytes& sender, const Bytes& target, std::optional<std::uint16_t> vlan = {}) {
  Bytes frame = ethernet({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0x0806, vlan);
  append(frame, {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x50});
  append(frame, sender);
  append(frame, {0, 0, 0, 0, 0, 0});
  append(frame, target);
  return frame;
}

Bytes ipv4(const Bytes& destination, std::uint8_t protocol = kIcmp, const Mac& mac = kDevice,
           std::optional<std::uint16_t> vlan = {}) {
  Bytes frame = ethernet(mac, 0x0800, vlan);
  append(frame, {0x45, 0, 0, 28, 0, 0, 0, 0, 64, protocol, 0, 0});
  append(frame, kHost);
  append(frame, destination);
  append(frame, {8, 0, 0, 0, 0, 0, 0, 0});
  return frame;
}

/// `extensions`: so many Destination Options headers, of eight and of sixteen bytes in turn, before ICMPv6.
Bytes ipv6(const Bytes& destination, std::uint8_t type, const Bytes& target = {}, int extensions = 0,
           std::uint8_t hop_limit = 255) {
  Bytes options;
  for (int i = extensions; i > 0; --i) {
    const bool is_long = i % 2 == 0;
    append(options, {static_cast<std::uint8_t>(i == 1 ? kIcmp6 : kOptions), is_long, 1, 4, 0, 0, 0, 0});
    append(options, Bytes(is_long ? 8 : 0, 0));
  }
  Bytes frame = ethernet(kDevice, 0x86dd);
  append(frame, {0x60, 0, 0, 0, 0, static_cast<std::uint8_t>(options.size() + 8 + target.size()),
                 extensions > 0 ? kOptions : kIcmp6, hop_limit});
  append(frame, v6("fe80::50"));
  append(frame, destination);
  append(frame, options);
  append(frame, {type, 0, 0, 0, 0, 0, 0, 0});
  append(frame, target);
  return frame;
}

class GuardTest : public BpfTest {
protected:
  void prepare() override { configure_interface(XV_MODE_OWN); }

  /// The router as Master, its lease over in `left_ns` from now; nullopt: without a lease.
  void be_master(Router router, std::optional<std::int64_t> left_ns) {
    renew(router, left_ns);
    start(router.in_role(XV_ROLE_MASTER), 0);
  }
  void renew(const Router& router, std::optional<std::int64_t> left_ns) {
    const auto end = left_ns ? static_cast<std::uint64_t>(static_cast<std::int64_t>(now_ns()) + *left_ns) : 0;
    plane().renew_lease(router.config.lease_slot, end);
  }
  /// Every packet is looked at from now on. Without the kernel's timer it always is.
  void wait_for_fence(const Router& router) {
    if (plane().down_timer() == dataplane::DownTimer::Kernel)
      wait_until([&] { return live(router).fenced == 1; });
  }
  void guard(const Router& router, const Bytes& address, std::uint32_t flags, std::uint16_t vlan = 0) {
    dataplane::GuardedAddress guarded;
    guarded.key = {ifindex(), vlan, 0, static_cast<__u8>(address.size() == 16 ? 6 : 4), {}, {}};
    std::copy(address.begin(), address.end(), guarded.key.address);
    guarded.value = {key_of(router), flags};
    addresses_.push_back(guarded);
    ASSERT_TRUE(plane().guard_addresses(addresses_));
  }
  void give_mac(const Router& router, const Mac& mac) {
    dataplane::GuardedMac guarded;
    guarded.key.ifindex = ifindex();
    std::copy(mac.begin(), mac.end(), guarded.key.mac);
    guarded.value.vr = key_of(router);
    macs_.push_back(guarded);
    ASSERT_TRUE(plane().guard_macs(macs_));
  }

private:
  std::vector<dataplane::GuardedAddress> addresses_;
  std::vector<dataplane::GuardedMac> macs_;
};
using KernelTimerGuard = NeedsKernelTimer<GuardTest>;

constexpr std::int64_t kLong = 3'600'000'000'000;
constexpr std::int64_t kOver = -1;

TEST_F(GuardTest, AMasterWhoseLeaseHasRunOutAnswersNobody) {
  const auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED);
  be_master(router, kOver);
  wait_for_fence(router);
  ASSERT_EQ(receive(ipv4(kVip)), "XDP_DROP"); // may be what finds the lease run out, and counts that
  const auto before = counters();
  EXPECT_EQ(receive(arp_request(kHost, kVip)), "XDP_DROP");
  for (const auto protocol : {kIcmp, kUdp, kTcp})
    EXPECT_EQ(receive(ipv4(kVip, protocol)), "XDP_DROP");
  EXPECT_EQ(moved(before, counters()), (Counters{{"vr10 fenced_neighbour", 1}, {"vr10 fenced", 3}}));
}

TEST_F(KernelTimerGuard, TheFenceIsCountedOnceAndByTheKernelAlone) {
  const auto router = v3_router();
  be_master(router, 20 * kMillisecond);
  wait_for_fence(router);
  const auto fenced = counters()["vr10 lease_expired"];
  EXPECT_EQ(fenced, 1u);
  const auto armed = armed_ns();
  wait_until([&] { return armed_ns() > armed; }); // the next look
  EXPECT_EQ(counters()["vr10 lease_expired"], fenced);
}

/// Which the kernel walks through, however many they are.
TEST_F(GuardTest, NeighborSolicitationsBehindExtensionHeadersAreFencedToo) {
  const auto router = six_router();
  const auto address = v6("fe80::13"), group = v6("ff02::1:ff00:13");
  guard(router, address, XV_VIP_INSTALLED);
  be_master(router, kOver);
  wait_for_fence(router);
  for (const int extensions : {1, 2}) {
    EXPECT_EQ(receive(ipv6(group, 135, address, extensions)), "XDP_DROP") << extensions;
    EXPECT_EQ(receive(ipv6(group, 135, v6("fe80::1:13"), extensions)), "XDP_PASS") << "for somebody else";
  }
  const auto before = counters();
  EXPECT_EQ(receive(ipv6(group, 135, address, 3)), "XDP_DROP") << "more than are walked through";
  EXPECT_EQ(moved(before, counters()), (Counters{{"if fenced_neighbour", 1}}));
  EXPECT_EQ(receive(ipv6(v6("2001:db8::1"), 128, {}, 3, 64)), "XDP_PASS") << "is no Neighbor Discovery";
}

TEST_F(GuardTest, WhatIsNotForTheAddressPasses) {
  const auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED);
  be_master(router, kOver);
  wait_for_fence(router);
  const auto before = counters();
  EXPECT_EQ(receive(arp_request(kHost, kOther)), "XDP_PASS");
  EXPECT_EQ(receive(ipv4(kOther)), "XDP_PASS");
  EXPECT_EQ(receive(arp_request(kVip, kVip)), "XDP_PASS") << "the new Master's gratuitous ARP";
  EXPECT_EQ(receive(arp_request(kHost, kVip, 7)), "XDP_PASS") << "of another VLAN";
  EXPECT_EQ(moved(before, counters()), Counters{});
}

TEST_F(GuardTest, WhatIsCutShortPasses) {
  const auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED | XV_VIP_NO_ACCEPT);
  give_mac(router, kVirtual);
  be_master(router, kOver);
  wait_for_fence(router);
  for (const auto& whole : {arp_request(kHost, kVip), ipv4(kVip)}) {
    for (std::size_t bytes = 14; bytes < 14 + 20; ++bytes)
      EXPECT_EQ(receive(Bytes(whole.begin(), whole.begin() + static_cast<long>(bytes))), "XDP_PASS") << bytes;
  }
  EXPECT_EQ(receive(ethernet({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0x88cc)), "XDP_PASS");
}

TEST_F(GuardTest, ARenewedLeaseLiftsTheFenceAtOnce) {
  const auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED);
  be_master(router, kOver);
  wait_for_fence(router);
  ASSERT_EQ(receive(ipv4(kVip)), "XDP_DROP");
  renew(router, kLong);
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_PASS");
  wait_until([&] { return live(router).fenced == 0; });
}

TEST_F(GuardTest, OnlyAMasterWithALeaseIsFenced) {
  auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED);
  auto other = v2_router();
  other.config.lease_slot = 1;
  be_master(other, kOver);
  wait_for_fence(other); // so that every packet is looked at
  be_master(router, std::nullopt);
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_PASS") << "no lease";
  renew(router, kOver);
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_DROP");
  set_role(router, XV_ROLE_BACKUP, now_ns() + static_cast<std::uint64_t>(kLong), 2);
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_PASS") << "a Backup routes what is for the Master";
}

TEST_F(GuardTest, AMasterThatHasASuccessorOnlySaysNoMoreWhoHasTheAddress) {
  const auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED);
  be_master(router, kLong);
  EXPECT_EQ(receive(arp_request(kHost, kVip)), "XDP_PASS");
  set_role(router, XV_ROLE_RESIGNING, 0, 2);
  EXPECT_EQ(receive(arp_request(kHost, kVip)), "XDP_DROP");
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_PASS");
  renew(router, kOver);
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_DROP") << "its lease counts as before";
  set_role(router, XV_ROLE_STOPPED, 0, 3);
  EXPECT_EQ(receive(arp_request(kHost, kVip)), "XDP_PASS") << "the kernel has no such address";
}

TEST_F(GuardTest, AnAddressOfTheOperatorIsNotFenced) {
  const auto router = v3_router();
  guard(router, kVip, 0);
  be_master(router, kOver);
  wait_for_fence(router);
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_PASS");
  EXPECT_EQ(receive(arp_request(kHost, kVip)), "XDP_PASS");
}

TEST_F(GuardTest, NeighborSolicitationsAreFencedByTheirTarget) {
  const auto router = six_router();
  const auto address = v6("fe80::13");
  guard(router, address, XV_VIP_INSTALLED);
  be_master(router, kOver);
  wait_for_fence(router);
  ASSERT_EQ(receive(ipv6(address, 128)), "XDP_DROP"); // may be what finds the lease run out, and counts that
  const auto before = counters();
  EXPECT_EQ(receive(ipv6(v6("ff02::1:ff00:13"), 135, address)), "XDP_DROP");
  EXPECT_EQ(receive(ipv6(address, 135, address)), "XDP_DROP");
  EXPECT_EQ(receive(ipv6(address, 128)), "XDP_DROP");
  EXPECT_EQ(receive(ipv6(v6("ff02::1:ff00:13"), 135, v6("fe80::1:13"))), "XDP_PASS");
  EXPECT_EQ(receive(ipv6(v6("fe80::14"), 128)), "XDP_PASS");
  EXPECT_EQ(moved(before, counters()), (Counters{{"six10 fenced_neighbour", 2}, {"six10 fenced", 1}}));
}

TEST_F(GuardTest, WithoutAcceptModePacketsToTheAddressAreDroppedButDiscovery) {
  const auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED | XV_VIP_NO_ACCEPT);
  be_master(router, kLong);
  const auto six = six_router();
  const auto address = v6("fe80::13");
  guard(six, address, XV_VIP_INSTALLED | XV_VIP_NO_ACCEPT);
  be_master(six, kLong);
  const auto before = counters();
  for (const auto protocol : {kIcmp, kUdp, kTcp})
    EXPECT_EQ(receive(ipv4(kVip, protocol)), "XDP_DROP");
  EXPECT_EQ(receive(arp_request(kHost, kVip)), "XDP_PASS");
  EXPECT_EQ(receive(ipv4(kOther)), "XDP_PASS");
  EXPECT_EQ(receive(ipv6(address, 128)), "XDP_DROP");
  for (int type = 133; type <= 137; ++type)
    EXPECT_EQ(receive(ipv6(address, static_cast<std::uint8_t>(type), address)), "XDP_PASS") << type;
  EXPECT_EQ(moved(before, counters()), (Counters{{"vr10 not_accepted", 3}, {"six10 not_accepted", 1}}));
}

TEST_F(GuardTest, AFrameForTheVirtualMacPassesWhileMaster) {
  const auto router = v3_router();
  give_mac(router, kVirtual);
  be_master(router, kLong);
  EXPECT_EQ(receive(ipv4(kOther, kUdp, kVirtual)), "XDP_PASS");
  EXPECT_EQ(receive(ipv4(kOther, kUdp, kDevice)), "XDP_PASS");
  EXPECT_EQ(receive(ipv4(kOther, kUdp, {0, 0, 0x5e, 0, 1, 99})), "XDP_PASS") << "another router's";
}

TEST_F(GuardTest, AFrameForTheVirtualMacIsDroppedByWhoIsNotMaster) {
  const auto router = v3_router();
  give_mac(router, kVirtual);
  be_master(router, kOver);
  EXPECT_EQ(receive(ipv4(kOther, kUdp, kVirtual)), "XDP_DROP");
  EXPECT_EQ(counters()["vr10 fenced"], 1u);
  for (const auto role : {XV_ROLE_BACKUP, XV_ROLE_STOPPED}) {
    set_role(router, role, now_ns() + static_cast<std::uint64_t>(kLong), 2);
    EXPECT_EQ(receive(ipv4(kOther, kUdp, kVirtual)), "XDP_DROP");
  }
  EXPECT_EQ(counters()["vr10 not_master"], 2u);
}

TEST_F(GuardTest, AVirtualMacMayHaveAnyForm) {
  const auto router = v3_router();
  give_mac(router, kCustom);
  be_master(router, kLong);
  EXPECT_EQ(receive(ipv4(kOther, kUdp, kCustom)), "XDP_PASS");
  set_role(router, XV_ROLE_BACKUP, now_ns() + static_cast<std::uint64_t>(kLong), 2);
  EXPECT_EQ(receive(ipv4(kOther, kUdp, kCustom)), "XDP_DROP");
}

TEST_F(GuardTest, TheListsReplaceWhatWasThere) {
  const auto router = v3_router();
  guard(router, kVip, XV_VIP_NO_ACCEPT);
  give_mac(router, kVirtual);
  be_master(router, kLong);
  ASSERT_EQ(receive(ipv4(kVip)), "XDP_DROP");
  ASSERT_TRUE(plane().guard_addresses({}));
  ASSERT_TRUE(plane().guard_macs({}));
  EXPECT_EQ(receive(ipv4(kVip)), "XDP_PASS");
  EXPECT_EQ(receive(ipv4(kVip, kUdp, kVirtual)), "XDP_PASS");
}

} // namespace
} // namespace xvrrp::test
