// SPDX-License-Identifier: BSD-2-Clause
// An interval below a centisecond in the data plane. The pace is put there by hand, so that no test depends
// on how fast it runs.
#include <algorithm>

#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

constexpr std::uint64_t kOwn = 5 * kMillisecond;

class Pace : public BpfTest {
protected:
  void prepare() override {
    configure_interface(XV_MODE_OWN);
    router_.config.advert_interval_ns = kOwn;
    router_.config.down_adverts = 255;
    configure(router_);
    set_role(router_, XV_ROLE_BACKUP, now_ns() + kHour, 1, kCentisecond);
  }

  /// One more advert; what the program says of it.
  xv_event hear(const Bytes& frame) {
    receive(frame);
    return wait_for_event(XV_EVENT_ADVERT);
  }
  /// As if adverts had come at this pace until the next one, which comes at the very same moment.
  void keep_pace(std::uint64_t mean) {
    auto value = live(router_);
    value.pace.last_ns = now_ns() + kHour;
    value.pace.mean_ns = mean;
    value.pace.adverts = XV_PACE_ADVERTS;
    ASSERT_EQ(plane().liveness().set(key_of(router_), value), 0);
  }
  Counters counted(const Bytes& frame) {
    const auto before = counters();
    receive(frame);
    return moved(before, counters());
  }

  static constexpr std::uint64_t kCentisecond = 10 * kMillisecond;
  Router router_ = v3_router().with_interval(1);
  const Bytes advert_ = Packet::v3().interval(1);
};

TEST_F(Pace, WhatIsAnnouncedCountsUntilItIsProven) {
  const auto first = hear(advert_);
  EXPECT_EQ(first.interval_ns, first.interval_wire * kCentisecond);
  EXPECT_EQ(first.deadline_ns - first.time_ns, master_down_ns(router_, kCentisecond));
  EXPECT_EQ(counted(advert_), (Counters{{"vr10 backup_restart", 1}}));
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{}) << "nothing new";

  keep_pace(kOwn);
  const auto proven = hear(advert_);
  EXPECT_EQ(proven.interval_ns, kOwn);
  EXPECT_EQ(proven.interval_wire, 1);
  EXPECT_EQ(proven.notes, 0);
  EXPECT_EQ(proven.deadline_ns - proven.time_ns, master_down_ns(router_, kOwn));
  EXPECT_EQ(live(router_).interval_ns, kOwn);
  keep_pace(kOwn);
  EXPECT_EQ(counted(advert_), (Counters{{"vr10 backup_restart", 1}}));
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{}) << "nothing new";
}

TEST_F(Pace, ASlowerOneIsNotedAndTheAnnouncedIntervalCounts) {
  hear(advert_);
  keep_pace(kOwn);
  hear(advert_);
  keep_pace(10 * kMillisecond);
  const auto slower = hear(advert_);
  EXPECT_EQ(slower.interval_ns, slower.interval_wire * kCentisecond);
  EXPECT_EQ(slower.notes, XV_NOTE_PACE);
  EXPECT_EQ(slower.deadline_ns - slower.time_ns, master_down_ns(router_, kCentisecond));
  keep_pace(10 * kMillisecond);
  EXPECT_EQ(counted(advert_), (Counters{{"vr10 backup_restart", 1}, {"vr10 pace_differs", 1}}));
}

TEST_F(Pace, AFasterOneIsNotedAndOursCounts) {
  hear(advert_);
  keep_pace(2 * kMillisecond);
  const auto faster = hear(advert_);
  EXPECT_EQ(faster.interval_ns, kOwn);
  EXPECT_EQ(faster.notes, XV_NOTE_PACE);
  EXPECT_EQ(faster.deadline_ns - faster.time_ns, master_down_ns(router_, kOwn));
}

TEST_F(Pace, AnotherIntervalOnTheWireIsLearned) {
  hear(advert_);
  keep_pace(kOwn);
  hear(advert_);
  const auto other = hear(Packet::v3().interval(3));
  EXPECT_EQ(other.interval_ns, other.interval_wire * kCentisecond);
  EXPECT_EQ(other.notes, XV_NOTE_INTERVAL_DIFFERS);
  EXPECT_EQ(other.deadline_ns - other.time_ns, master_down_ns(router_, 3 * kCentisecond));
}

/// It took over too early: the Master it gave up speaks again, and what it yields to is a centisecond.
TEST_F(Pace, AMasterThatYieldsLearnsWhatIsAnnounced) {
  hear(advert_);
  keep_pace(kOwn);
  hear(advert_);
  auto value = live(router_);
  value.pace.last_ns = now_ns() - 4 * kCentisecond;
  ASSERT_EQ(plane().liveness().set(key_of(router_), value), 0);
  set_role(router_, XV_ROLE_MASTER, 0, 2);
  const auto back = hear(advert_);
  EXPECT_EQ(describe(back), "advert master_heard");
  EXPECT_EQ(back.interval_ns, back.interval_wire * kCentisecond);
  EXPECT_EQ(back.notes, 0);
}

TEST_F(Pace, ACentisecondOfOurOwnNeedsNoProof) {
  router_ = v3_router().with_interval(1);
  start(router_, now_ns() + kHour);
  EXPECT_EQ(hear(advert_).interval_ns, kCentisecond);
  EXPECT_EQ(live(router_).pace.last_ns, 0u);
}

} // namespace
} // namespace xvrrp::test
