// SPDX-License-Identifier: BSD-2-Clause
// Packets to virtual addresses that arrive on an interface that does not have them. What the program does
// with a packet cannot be seen here (tests/netns/test_other_interfaces.py does); it counts what it refuses.
#include <algorithm>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <xvrrp/abi/names.h>

#include "bpf/bpf_test.hpp"
#include "bpf/sandbox.hpp"
#include "bpf/test_run.hpp"
#include "dataplane/loader.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

const Bytes kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
const Bytes kSender{0x02, 0, 0, 0, 0, 0x50};
const Bytes kStranger{0x02, 0, 0, 0, 0, 0x99};
const Bytes kHost{10, 9, 0, 50};
const Bytes kVip{192, 168, 1, 13};
const Bytes kOther{192, 168, 1, 14};
constexpr std::uint8_t kRequest = 1, kReply = 2;

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes arp(const Bytes& sender, const Bytes& target, std::uint8_t operation = kRequest,
          const Bytes& kind = {0, 1, 8, 0, 6, 4}) {
  const Bytes mac(kind[4], 0x50);
  return joined({kBroadcast, kSender, {8, 6}, kind, {0, operation}, mac, sender, Bytes(kind[4]), target});
}

Bytes ipv4(const Bytes& destination, const Bytes& mac = kBroadcast) {
  return joined({mac,
                 kSender,
                 {8, 0},
                 {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0},
                 kHost,
                 destination,
                 {8, 0, 0, 0, 0, 0, 0, 0}});
}

Bytes ipv6(const Bytes& destination) {
  return joined({kBroadcast,
                 kSender,
                 {0x86, 0xdd},
                 {0x60, 0, 0, 0, 0, 8, 58, 64},
                 v6("2001:db8:9::50"),
                 destination,
                 {128, 0, 0, 0, 0, 0, 0, 0}});
}

class WeakHost : public BpfTest {
protected:
  void prepare() override {
    configure_interface(XV_MODE_OWN);
    program_ = dataplane::BpfFd{bpf_obj_get(
        (dataplane::pin_directory("t" + std::to_string(getpid())) + "/" + XV_PROG_GUARD).c_str())};
  }

  /// The address is the router's; `ifindex` 0: on whatever interface packets to it arrive.
  void guard(const Router& router, const Bytes& address, std::uint32_t flags, std::uint32_t ifindex = 0) {
    dataplane::GuardedAddress guarded;
    guarded.key.ifindex = ifindex;
    guarded.key.family = static_cast<__u8>(address.size() == 16 ? 6 : 4);
    std::copy(address.begin(), address.end(), guarded.key.address);
    guarded.value = {key_of(router), flags};
    addresses_.push_back(guarded);
    ASSERT_TRUE(plane().guard_addresses(addresses_));
  }

  /// `packet` is for its address.
  void be_fenced(Router router, const Bytes& packet = ipv4(kVip)) {
    plane().renew_lease(router.config.lease_slot, 1);
    start(router.in_role(XV_ROLE_MASTER), 0);
    if (plane().down_timer() == dataplane::DownTimer::Kernel)
      wait_until([&] { return live(router).fenced == 1; });
    else
      arrive(packet); // the first one finds the lease run out
  }

  /// On the interface that has no virtual address. What that moved.
  Counters arrive(const Bytes& frame) {
    const auto before = counters();
    __sk_buff context{};
    context.ifindex = ifindex_of(kFar);
    const auto run = test_run(program_.get(), frame, context);
    EXPECT_EQ(static_cast<std::int32_t>(run.verdict), -1) << "the next program decides";
    EXPECT_EQ(run.frame, frame) << "the program wrote into the packet";
    return moved(before, counters());
  }

private:
  std::vector<dataplane::GuardedAddress> addresses_;
  dataplane::BpfFd program_;
};

TEST_F(WeakHost, AFencedMasterAnswersNobody) {
  guard(v3_router(), kVip, XV_VIP_INSTALLED);
  be_fenced(v3_router());
  EXPECT_EQ(arrive(arp(kHost, kVip)), (Counters{{"vr10 fenced_neighbour", 1}}));
  EXPECT_EQ(arrive(ipv4(kVip)), (Counters{{"vr10 fenced", 1}}));
}

TEST_F(WeakHost, AFencedMasterAnswersNobodyOverIpv6) {
  guard(six_router(), v6("2001:db8::13"), XV_VIP_INSTALLED);
  be_fenced(six_router(), ipv6(v6("2001:db8::13")));
  EXPECT_EQ(arrive(ipv6(v6("2001:db8::13"))), (Counters{{"six10 fenced", 1}}));
  EXPECT_EQ(arrive(ipv6(v6("2001:db8::14"))), Counters{});
}

TEST_F(WeakHost, WhatDoesNotAcceptSaysWhereItIs) {
  auto router = v3_router();
  guard(router, kVip, XV_VIP_NO_ACCEPT);
  start(router.in_role(XV_ROLE_MASTER), 0);
  EXPECT_EQ(arrive(ipv4(kVip)), (Counters{{"vr10 not_accepted", 1}}));
  EXPECT_EQ(arrive(arp(kHost, kVip)), Counters{});
}

TEST_F(WeakHost, ABackupForwards) {
  auto router = v3_router();
  guard(router, kVip, XV_VIP_INSTALLED | XV_VIP_NO_ACCEPT);
  start(router.in_role(XV_ROLE_BACKUP), now_ns() + kHour);
  EXPECT_EQ(arrive(ipv4(kVip)), Counters{});
}

TEST_F(WeakHost, WhatIsForOthersPasses) {
  guard(v3_router(), kVip, XV_VIP_INSTALLED | XV_VIP_NO_ACCEPT);
  be_fenced(v3_router());
  EXPECT_EQ(arrive(arp(kHost, kOther)), Counters{});
  EXPECT_EQ(arrive(ipv4(kOther)), Counters{});
  EXPECT_EQ(arrive(ipv4(kVip, kStranger)), Counters{}) << "another host's frame";
  EXPECT_EQ(arrive(arp(kVip, kVip)), Counters{}) << "the new Master's gratuitous ARP";
  EXPECT_EQ(arrive(arp(kHost, kVip, kReply)), Counters{});
}

TEST_F(WeakHost, LinkAddressesOfAnyLength) {
  guard(v3_router(), kVip, XV_VIP_INSTALLED);
  be_fenced(v3_router());
  EXPECT_EQ(arrive(arp(kHost, kVip, kRequest, {0, 32, 8, 0, 20, 4})),
            (Counters{{"vr10 fenced_neighbour", 1}}));
  EXPECT_EQ(arrive(arp(kHost, kVip, kRequest, {0, 1, 8, 0, 6, 16})), Counters{}) << "not IPv4's";
  EXPECT_EQ(arrive(arp(kHost, kVip, kRequest, {0, 1, 0x86, 0xdd, 6, 4})), Counters{}) << "not IPv4's";
}

TEST_F(WeakHost, WhatIsCutShortPasses) {
  guard(v3_router(), kVip, XV_VIP_INSTALLED);
  be_fenced(v3_router());
  auto frame = arp(kHost, kVip); // the kernel makes none of an IP packet without its header
  for (frame.pop_back(); frame.size() > 14; frame.pop_back())
    EXPECT_EQ(arrive(frame), Counters{}) << frame.size();
}

TEST_F(WeakHost, AnInterfaceThatHasTheAddressIsTheReceivePrograms) {
  guard(v3_router(), kVip, XV_VIP_INSTALLED);
  guard(v3_router(), kVip, XV_VIP_INSTALLED, ifindex_of(kFar));
  be_fenced(v3_router());
  EXPECT_EQ(arrive(arp(kHost, kVip)), Counters{});
  EXPECT_EQ(arrive(ipv4(kVip)), Counters{});
}

TEST_F(WeakHost, WhatTheHostWouldForwardPasses) {
  guard(v3_router(), kVip, XV_VIP_INSTALLED);
  guard(v3_router(), {192, 168, 1, 12}, XV_VIP_INSTALLED);
  be_fenced(v3_router());
  ASSERT_EQ(run_command("sysctl -qw net.ipv4.conf.far0.forwarding=1").status, 0);
  EXPECT_EQ(arrive(ipv4(kVip)), Counters{}) << "another host has it";
  EXPECT_EQ(arrive(arp(kHost, kVip)), Counters{});
  EXPECT_EQ(arrive(ipv4({192, 168, 1, 12})), (Counters{{"vr10 fenced", 1}})) << "this host has it";
  ASSERT_EQ(run_command("sysctl -qw net.ipv4.conf.far0.forwarding=0").status, 0);
}

} // namespace
} // namespace xvrrp::test
