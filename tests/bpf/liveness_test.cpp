// SPDX-License-Identifier: BSD-2-Clause
// Master_Down_Timer in the kernel, with real timers. Nothing here asserts how late a timer may be, only that
// it is never early and always comes.
#include <algorithm>
#include <set>

#include <xvrrp/rules/backup.h>

#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

class Liveness : public BpfTest {
protected:
  void prepare() override { configure_interface(XV_MODE_OWN); }

  /// The frame arrives; what the program says of it. A MASTER_DOWN that comes after it is still to be read.
  xv_event receive_news(const Bytes& frame) {
    (void)take_events();
    receive(frame);
    return wait_for_event(XV_EVENT_ADVERT);
  }
};
using KernelTimerLiveness = NeedsKernelTimer<Liveness>;

TEST_F(KernelTimerLiveness, MasterDownComesOnceAndNotBeforeTheDeadline) {
  const auto router = v3_router();
  const auto deadline = now_ns() + 50 * kMillisecond;
  start(router, deadline);
  const auto event = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_GE(event.time_ns, deadline);
  EXPECT_EQ(event.deadline_ns, deadline);
  EXPECT_EQ(event.generation, 1u);
  EXPECT_TRUE(dataplane::same_key(event.key, key_of(router)));
  EXPECT_EQ(armed_ns(), 0u) << "nothing is armed any more";
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{});
}

TEST_F(KernelTimerLiveness, AnAdvertMovesTheDeadlineOn) {
  const auto router = v3_router();
  const auto first = now_ns() + 2 * kSecond;
  start(router, first);
  const auto advert = receive_news(Packet::v3().interval(60));
  ASSERT_EQ(describe(advert), "advert backup_restart");
  ASSERT_GT(advert.deadline_ns, first);
  EXPECT_EQ(armed_ns(), first) << "lazy: an advert does not touch the timer";
  wait_until([&] { return armed_ns() == advert.deadline_ns; });

  const auto down = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_GE(down.time_ns, advert.deadline_ns);
  EXPECT_EQ(down.deadline_ns, advert.deadline_ns);
}

TEST_F(KernelTimerLiveness, PriorityZeroBringsItForward) {
  const auto router = v3_router().with_interval(10);
  start(router, now_ns() + kHour);
  receive(Packet::v3().interval(10));
  const auto advert = receive_news(Packet::v3().interval(10).priority(0));
  EXPECT_EQ(describe(advert), "advert backup_skew");
  EXPECT_EQ(advert.deadline_ns - advert.time_ns, 156 * 100 * kMillisecond / 256);

  const auto down = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_GE(down.time_ns, advert.deadline_ns);
  EXPECT_EQ(down.deadline_ns, advert.deadline_ns);
}

TEST_F(KernelTimerLiveness, AnAdvertAfterTheDeadlineArmsAgain) {
  const auto router = v3_router().with_interval(10);
  start(router, now_ns());
  wait_for_event(XV_EVENT_MASTER_DOWN);
  const auto advert = receive_news(Packet::v3().interval(10));
  const auto down = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_EQ(down.deadline_ns, advert.deadline_ns);
  EXPECT_GE(down.time_ns, advert.deadline_ns);
}

TEST_F(Liveness, LowerPriorityDoesNotMoveTheDeadlineOfOneThatPreempts) {
  const auto deadline = now_ns() + kHour;
  start(v3_router(), deadline);
  const auto advert = receive_news(Packet::v3().priority(99).interval(50));
  EXPECT_EQ(describe(advert), "advert backup_ignore");
  EXPECT_EQ(advert.deadline_ns, deadline);
  EXPECT_EQ(live(v3_router()).deadline_ns, deadline);
  EXPECT_EQ(live(v3_router()).interval_ns, kSecond) << "nor is its interval learned";
}

TEST_F(Liveness, LowerPriorityMovesTheDeadlineOfOneThatDoesNotPreempt) {
  const auto router = v3_router().without_preempt();
  start(router, now_ns() + kHour);
  const auto advert = receive_news(Packet::v3().priority(1).interval(50));
  EXPECT_EQ(advert.deadline_ns - advert.time_ns, master_down_ns(router, 500 * kMillisecond));
  EXPECT_EQ(live(router).deadline_ns, advert.deadline_ns);
}

TEST_F(Liveness, V3LearnsTheIntervalAndSkewsByIt) {
  const auto router = v3_router();
  start(router, now_ns() + kHour);
  receive(Packet::v3().interval(400));
  EXPECT_EQ(live(router).interval_ns, 4'000 * kMillisecond);
  const auto advert = receive_news(Packet::v3().interval(100).priority(0));
  EXPECT_EQ(advert.deadline_ns - advert.time_ns, 156 * 4'000 * kMillisecond / 256)
      << "an advert that resigns teaches no interval";
}

// keepalived's users run v2 below one second; the wire then says something that is not the interval.
TEST_F(Liveness, V2KeepsItsOwnInterval) {
  auto router = v2_router();
  router.config.advert_interval_ns = 300 * kMillisecond;
  start(router, now_ns() + kHour);
  const auto advert = receive_news(Packet::v2());
  EXPECT_EQ(live(router).interval_ns, 300 * kMillisecond);
  EXPECT_EQ(advert.deadline_ns - advert.time_ns, 900 * kMillisecond + 156 * kSecond / 256);
}

TEST_F(Liveness, DeadlinesAreTheFormulaToTheNanosecond) {
  using Byte = std::uint8_t;
  for (const auto version : {Byte{2}, Byte{3}}) {
    for (const auto priority : {Byte{1}, Byte{100}, Byte{254}, Byte{255}}) {
      for (const auto interval : {Byte{1}, Byte{7}, Byte{100}, Byte{255}}) {
        for (const auto down_adverts : {Byte{1}, Byte{3}, Byte{10}}) {
          SCOPED_TRACE(::testing::Message() << "v" << int{version} << " priority " << int{priority}
                                            << " interval " << int{interval} << " x" << int{down_adverts});
          auto router = version == 2 ? v2_router() : v3_router();
          router.with_priority(priority).with_interval(interval).config.down_adverts = down_adverts;
          start(router, now_ns() + 100 * kHour);
          auto packet = version == 2 ? Packet::v2() : Packet::v3();
          const auto alive = receive_news(packet.priority(255).interval(interval));
          EXPECT_EQ(alive.deadline_ns - alive.time_ns,
                    master_down_ns(router, router.config.advert_interval_ns));
          EXPECT_EQ(live(router).deadline_ns, alive.deadline_ns);
          const auto resigned = receive_news(packet.priority(0));
          EXPECT_EQ(resigned.deadline_ns - resigned.time_ns,
                    xv_skew_ns(version, priority, router.config.advert_interval_ns));
          set_role(router, XV_ROLE_STOPPED, 0, 2);
        }
      }
    }
  }
}

// The guide: 3 x 1 s + 156/256 s = 3.609375 s.
TEST_F(Liveness, TheGuidesMasterDownInterval) {
  start(guide_router(), now_ns() + kHour);
  const auto advert = receive_news(Packet::guide());
  EXPECT_EQ(advert.deadline_ns - advert.time_ns, 3'609'375'000u);
}

TEST_F(KernelTimerLiveness, OtherRolesSilenceTheTimer) {
  auto stopped = v3_router();
  auto master = v2_router();
  const auto deadline = now_ns() + 2 * kSecond;
  start(stopped, deadline);
  start(master, deadline);
  set_role(stopped, XV_ROLE_STOPPED, 0, 2);
  set_role(master, XV_ROLE_MASTER, 0, 2);
  wait_until([&] { return armed_ns() == 0; });
  EXPECT_GE(now_ns(), deadline) << "the timer ran out by itself";
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{});
}

TEST_F(KernelTimerLiveness, AForgottenRouterIsSilent) {
  const auto forgotten = v3_router();
  const auto other = v2_router();
  const auto now = now_ns();
  start(forgotten, now + 2000 * kMillisecond);
  start(other, now + 2100 * kMillisecond);
  plane().remove_router(key_of(forgotten));
  std::vector<xv_event> events;
  wait_until([&] {
    events = take_events();
    return !events.empty();
  });
  ASSERT_EQ(describe(events), std::vector<std::string>{"master_down"});
  EXPECT_EQ(events[0].key.vrid, other.vrid);
}

TEST_F(KernelTimerLiveness, WritingTheConfigurationLeavesTheTimerAlone) {
  auto router = v3_router();
  const auto deadline = now_ns() + 100 * kMillisecond;
  start(router, deadline);
  ASSERT_EQ(plane().set_config(key_of(router), router.with_priority(150).config), 0);
  EXPECT_EQ(wait_for_event(XV_EVENT_MASTER_DOWN).deadline_ns, deadline);
}

TEST_F(KernelTimerLiveness, ManyRoutersAtOnce) {
  constexpr int kRouters = 50;
  const auto deadline = now_ns() + 300 * kMillisecond;
  for (int vrid = 1; vrid <= kRouters; ++vrid) {
    auto router = v3_router();
    router.vrid = static_cast<std::uint8_t>(vrid);
    start(router, deadline);
  }
  std::set<int> vrids;
  for (int i = 0; i < kRouters; ++i) {
    const auto event = wait_for_event(XV_EVENT_MASTER_DOWN);
    EXPECT_GE(event.time_ns, deadline);
    vrids.insert(event.key.vrid);
  }
  EXPECT_EQ(vrids.size(), std::size_t{kRouters});
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{});
}

} // namespace
} // namespace xvrrp::test
