// SPDX-License-Identifier: BSD-2-Clause
// Events can be lost, state cannot: a reader that does not keep up.
#include <algorithm>

#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

using Texts = std::vector<std::string>;
/// More than the ring holds, in seconds' worth of events of one Master.
constexpr std::uint32_t kSeconds = XV_RING_BYTES / sizeof(xv_event) / XV_URGENT_EVENTS_PER_S + 1;
constexpr std::uint32_t kFlood = kSeconds * XV_URGENT_EVENTS_PER_S;

class Ring : public BpfTest {
protected:
  void prepare() override {
    configure_interface(XV_MODE_OWN);
    start(flooded_, now_ns() + kHour);
    for (std::uint32_t second = 0; second < kSeconds; ++second) {
      receive(Packet::v3().vrid(200).priority(255), XV_URGENT_EVENTS_PER_S);
      age_event_limit(flooded_);
    }
  }
  std::uint64_t lost(const std::string& owner) const {
    const auto all = counters();
    const auto found = all.find(owner + " event_lost");
    return found == all.end() ? 0 : found->second;
  }

private:
  Router flooded_ = [] {
    auto router = v3_router().in_role(XV_ROLE_MASTER);
    router.vrid = 200;
    return router;
  }();
};
using KernelTimerRing = NeedsKernelTimer<Ring>;

TEST_F(Ring, WhatDoesNotFitIsCounted) {
  const auto fitted = take_events().size();
  EXPECT_GE(fitted, 3700u);
  EXPECT_LT(fitted, kFlood);
  EXPECT_EQ(lost("vr200"), kFlood - fitted);
  EXPECT_EQ(counters().at("vr200 master_heard"), kFlood);
}

TEST_F(KernelTimerRing, MasterDownTriesAgainUntilThereIsRoom) {
  const auto router = v3_router();
  const auto deadline = now_ns() + 20 * kMillisecond;
  start(router, deadline);
  wait_until([&] { return lost("vr10") >= 3; });
  wait_until([&] { return armed_ns() != 0; }); // it is not while it looks
  const auto down = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_EQ(down.key.vrid, router.vrid);
  EXPECT_EQ(down.deadline_ns, deadline);
  EXPECT_GE(down.time_ns, deadline + 3 * XV_RING_RETRY_NS) << "when it was told, not when it was due";
}

// The Master is back before there was room to say that it was lost: then nobody need know.
TEST_F(KernelTimerRing, AnAdvertEndsTheTrying) {
  const auto router = v3_router();
  start(router, now_ns());
  wait_until([&] { return lost("vr10") >= 1; });
  receive(Packet::v3().interval(4095));
  wait_until([&] { return armed_ns() == live(router).deadline_ns; });
  const auto events = describe(take_events());
  EXPECT_EQ(std::count(events.begin(), events.end(), "master_down"), 0);
}

TEST_F(Ring, AChangeIsReportedByALaterAdvert) {
  const auto router = v3_router();
  start(router, now_ns() + kHour);
  receive(Packet::v3());
  EXPECT_EQ(lost("vr10"), 1u);
  EXPECT_EQ(live(router).unreported, 1u);
  (void)take_events();
  receive(Packet::v3());
  EXPECT_EQ(describe(take_events()), Texts{"advert backup_restart"});
  EXPECT_EQ(live(router).unreported, 0u);
  receive(Packet::v3());
  EXPECT_EQ(describe(take_events()), Texts{});
}

// The Master that must yield is told as soon as there is room, whatever else it heard in this second.
TEST_F(Ring, AnAdvertThatOutranksAMasterIsToldByTheNext) {
  const auto router = v3_router().in_role(XV_ROLE_MASTER);
  start(router, 0);
  receive(Packet::v3().priority(101), 2);
  EXPECT_EQ(lost("vr10"), 2u);
  EXPECT_EQ(live(router).unreported, 1u);
  (void)take_events();
  receive(Packet::v3().priority(99), 2 * XV_ADVERT_EVENTS_PER_S);
  EXPECT_EQ(take_events().size(), std::size_t{XV_ADVERT_EVENTS_PER_S});
  EXPECT_EQ(live(router).unreported, 1u) << "a losing advert tells nothing of one that wins";
  receive(Packet::v3().priority(101));
  EXPECT_EQ(describe(take_events()), Texts{"advert master_heard"});
  EXPECT_EQ(live(router).unreported, 0u);
}

// Nobody hears that the Master resigned, but its deadline is kept: MASTER_DOWN comes after Skew_Time.
TEST_F(KernelTimerRing, AResignationThatIsLostStillBringsTheDeadlineForward) {
  const auto router = v3_router();
  start(router, now_ns() + kHour);
  const auto before = now_ns();
  receive(Packet::v3().priority(0));
  EXPECT_EQ(lost("vr10"), 1u);
  const auto deadline = live(router).deadline_ns;
  EXPECT_GE(deadline, before + 156 * kSecond / 256);
  EXPECT_LE(deadline, now_ns() + 156 * kSecond / 256);
  (void)take_events();
  EXPECT_EQ(wait_for_event(XV_EVENT_MASTER_DOWN).deadline_ns, deadline);
}

// A role is given through the control program, which needs no room in the ring.
TEST_F(KernelTimerRing, ARoleIsTakenWhileTheRingIsFull) {
  const auto router = v3_router();
  start(router, now_ns() + kHour);
  set_role(router, XV_ROLE_MASTER, 0, 2);
  EXPECT_EQ(live(router).role, static_cast<__u32>(XV_ROLE_MASTER));
  set_role(router, XV_ROLE_BACKUP, now_ns() + 20 * kMillisecond, 3);
  wait_until([&] { return lost("vr10") >= 1; });
  EXPECT_EQ(wait_for_event(XV_EVENT_MASTER_DOWN).generation, 3u);
}

TEST_F(Ring, BadPacketsAreCountedBesideTheLoss) {
  EXPECT_EQ(receive(Packet::v3().ttl(1)), "XDP_DROP");
  const auto all = counters();
  EXPECT_EQ(all.at("if ttl"), 1u);
  EXPECT_EQ(all.at("if event_lost"), 1u);
}

} // namespace
} // namespace xvrrp::test
