// SPDX-License-Identifier: BSD-2-Clause
// The data plane without a bpf_timer, as PREEMPT_RT kernels have it: the controller keeps Master_Down_Timer,
// and packets find out for themselves that a lease has run out.
#include <algorithm>
#include <array>
#include <filesystem>

#include <xvrrp/abi/names.h>

#include "bpf/bpf_test.hpp"
#include "dataplane/loader.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

const Bytes kVip{192, 168, 1, 13};

/// An echo request to the virtual address.
Bytes ping() {
  Bytes frame{0x02, 0,    0, 0, 0,  0x12, 0x02, 0, 0, 0,  0, 0x50, 0x08,
              0x00, 0x45, 0, 0, 28, 0,    0,    0, 0, 64, 1, 0,    0};
  frame.insert(frame.end(), {192, 168, 1, 50});
  frame.insert(frame.end(), kVip.begin(), kVip.end());
  frame.insert(frame.end(), {8, 0, 0, 0, 0, 0, 0, 0});
  return frame;
}

class OwnTimer : public BpfTest {
protected:
  dataplane::DownTimer wanted_timer() const override { return dataplane::DownTimer::Controller; }
  void prepare() override { configure_interface(XV_MODE_OWN); }
  void guard(const Router& router) {
    dataplane::GuardedAddress guarded;
    guarded.key = {ifindex(), 0, 0, 4, {}, {}};
    std::copy(kVip.begin(), kVip.end(), guarded.key.address);
    guarded.value = {key_of(router), XV_VIP_INSTALLED};
    ASSERT_TRUE(plane().guard_addresses(std::array{guarded}));
  }
};

TEST_F(OwnTimer, NothingOfTheTimerIsLoaded) {
  EXPECT_EQ(plane().down_timer(), dataplane::DownTimer::Controller);
  const auto directory = dataplane::pin_directory("t" + std::to_string(getpid()));
  EXPECT_FALSE(std::filesystem::exists(directory + "/" XV_MAP_DOWN_TIMER));
}

TEST_F(OwnTimer, IsNotAdoptedByOneWhoseTimerIsTheKernels) {
  const auto instance = "t" + std::to_string(getpid());
  const auto adopted = dataplane::DataPlane::adopt(instance, 1, dataplane::DownTimer::Kernel);
  ASSERT_FALSE(adopted);
  EXPECT_NE(adopted.error().message.find("Master_Down_Timer"), std::string::npos);
  EXPECT_TRUE(dataplane::DataPlane::adopt(instance, 1, dataplane::DownTimer::Controller));
}

TEST_F(OwnTimer, AnExpiredDeadlineIsNoEvent) {
  const auto router = v3_router();
  start(router, now_ns() + kMillisecond);
  const auto deadline = live(router).deadline_ns;
  wait_until([&] { return now_ns() > deadline + 50 * kMillisecond; });
  EXPECT_TRUE(take_events().empty());
}

TEST_F(OwnTimer, ALeaseIsLookedAtWithEveryPacket) {
  auto router = v3_router();
  guard(router);
  plane().renew_lease(router.config.lease_slot, now_ns() + kHour);
  start(router.in_role(XV_ROLE_MASTER), 0);
  EXPECT_EQ(receive(ping()), "XDP_PASS");
  plane().renew_lease(router.config.lease_slot, now_ns() - 1);
  const auto before = counters();
  EXPECT_EQ(receive(ping(), 3), "XDP_DROP");
  EXPECT_EQ(moved(before, counters()), (Counters{{"vr10 lease_expired", 1}, {"vr10 fenced", 3}}));
  plane().renew_lease(router.config.lease_slot, now_ns() + kHour);
  EXPECT_EQ(receive(ping()), "XDP_PASS");
  EXPECT_EQ(live(router).fenced, 0u);
}

} // namespace
} // namespace xvrrp::test
