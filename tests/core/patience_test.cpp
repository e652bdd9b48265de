// SPDX-License-Identifier: BSD-2-Clause
// How long a Backup waits for whoever announces an interval far above ours (decision 0036).
#include <xvrrp/rules/patience.h>

#include "lab.hpp"

namespace xvrrp::core {
namespace {

constexpr Nanoseconds kLongest{40950ms};

/// A Backup that hears adverts it obeys.
struct Ear {
  Nanoseconds own = 1s;
  Instant now{1h};
  xv_patience patience{};

  Nanoseconds hear(Nanoseconds gap, Nanoseconds announced, const IpAddress& source = kGreater) {
    now += gap;
    return Nanoseconds{static_cast<std::int64_t>(
        xv_believed_interval(&patience, source.bytes().data(), to_ns(own), to_ns(announced), to_ns(now)))};
  }
};

TEST(Patience, FourOfOurIntervalsAreBelievedAtOnce) {
  for (const auto own : std::initializer_list<Nanoseconds>{1s, 10s, 40950ms}) {
    SCOPED_TRACE(to_ms(own));
    for (const int times : {1, 2, 4})
      EXPECT_EQ((Ear{own}.hear(0s, own * times)), own * times);
    EXPECT_EQ((Ear{own}.hear(0s, own * 4 + 10ms)), own * 4);
    EXPECT_EQ((Ear{own}.hear(0s, 10ms)), std::min(own, Nanoseconds{10ms})) << "shorter ones always";
  }
  for (const auto own : std::initializer_list<Nanoseconds>{1ms, 10ms, 300ms}) {
    EXPECT_EQ((Ear{own}.hear(0s, 4s)), 4s);
    EXPECT_EQ((Ear{own}.hear(0s, kLongest)), 4s) << "below a second it is that of a second";
  }
}

TEST(Patience, ALongerOneCountsInFullOnceItIsKept) {
  Ear ear;
  EXPECT_EQ(ear.hear(0s, 10s), 4s);
  EXPECT_EQ(ear.hear(10s, 10s), 10s);
  EXPECT_EQ(ear.hear(10s, 10s), 10s);
}

TEST(Patience, UntilThenAsMuchAsTheSenderWasHeardFor) {
  Ear ear;
  EXPECT_EQ(ear.hear(0s, kLongest), 4s);
  EXPECT_EQ(ear.hear(3s, kLongest), 4s);
  EXPECT_EQ(ear.hear(3s, kLongest), 6s);
  EXPECT_EQ(ear.hear(8s, kLongest), 14s);
  EXPECT_EQ(ear.hear(1min, kLongest), kLongest);
}

/// Whatever comes, one advert of a router that was not heard before is worth four intervals.
TEST(Patience, BeginsAnewWithAnotherSenderALongerIntervalOrSilence) {
  Ear ear;
  ear.hear(0s, 10s);
  ASSERT_EQ(ear.hear(10s, 10s), 10s);
  EXPECT_EQ(ear.hear(1s, 10s, kLower), 4s);

  ear = {};
  ear.hear(0s, 1s);
  ASSERT_EQ(ear.hear(1h, 1s), 1s);
  EXPECT_EQ(ear.hear(1s, kLongest), 4s) << "forged in its name";
  EXPECT_EQ(ear.hear(1s, 1s), 1s);
  EXPECT_EQ(ear.hear(1s, kLongest), 4s);

  ear = {};
  ear.hear(0s, 10s);
  ASSERT_EQ(ear.hear(10s, 10s), 10s);
  EXPECT_EQ(ear.hear(40s, 10s), 10s) << "three adverts were lost";
  EXPECT_EQ(ear.hear(40001ms, 10s), 4s) << "all Backups have given it up";
}

/// Backups that take over too early, and yield again, do not make each other forget the Master.
TEST(Patience, OutlastsWhatOthersSayOfShortIntervals) {
  Ear ear;
  ear.hear(0s, 10s);
  for (int advert = 0; advert < 9; ++advert)
    EXPECT_EQ(ear.hear(1s, 1s, kLower), 1s);
  EXPECT_EQ(ear.hear(1s, 10s), 10s);
}

/// A real Master with an interval so long that it is lost before its second advert answers whoever takes over
/// (RFC 9568 6.4.3). Returns how often that happens.
int takeovers_beside(Nanoseconds masters, Nanoseconds own, std::uint8_t priority) {
  Ear ear{own};
  Nanoseconds since_scheduled{}, gap{};
  int takeovers = 0;
  for (int adverts = 0; adverts < 200; ++adverts) {
    const auto interval = ear.hear(gap, masters);
    const Nanoseconds patience{static_cast<std::int64_t>(xv_master_down_ns(3, priority, 3, to_ns(interval)))};
    const auto to_next = masters - since_scheduled;
    takeovers += patience < to_next ? 1 : 0;
    gap = std::min(patience, to_next);
    since_scheduled = gap == to_next ? Nanoseconds{} : since_scheduled + gap;
  }
  return takeovers;
}

TEST(Patience, AGenuineMasterIsLeftAloneAtOnceOrSoon) {
  for (const std::uint8_t priority : {std::uint8_t{1}, std::uint8_t{100}, std::uint8_t{254}}) {
    for (const Nanoseconds masters : {1s, 4s, 5s, 10s, 12s})
      EXPECT_EQ(takeovers_beside(masters, 1s, priority), 0) << to_ms(masters);
    EXPECT_EQ(takeovers_beside(kLongest, 1s, priority), 1);
    EXPECT_EQ(takeovers_beside(3s, 10ms, priority), 0);
    EXPECT_LE(takeovers_beside(kLongest, 10ms, priority), 6);
  }
}

TEST(Patience, OnlyAdvertsThatAreObeyedCount) {
  EXPECT_FALSE(xv_is_obeyed(0, 100, 1));
  EXPECT_FALSE(xv_is_obeyed(0, 100, 0)) << "a resignation";
  EXPECT_FALSE(xv_is_obeyed(99, 100, 1)) << "it is preempted";
  EXPECT_TRUE(xv_is_obeyed(99, 100, 0));
  EXPECT_TRUE(xv_is_obeyed(100, 100, 1));
}

// ---- priority 0 ----

TEST(Resignation, CountsOnlyOfTheMasterThatWasHeardLast) {
  Lab lab(v3());
  lab.backup();
  lab.hear(150, kGreater);
  lab.advance(100ms);
  const auto deadline = lab.router.deadline(TimerId::MasterDown);
  EXPECT_EQ(text(lab.hear(0, kLower)), "");
  EXPECT_EQ(text(lab.hear(0, kLower)), "") << "that it has been heard makes it no Master";
  EXPECT_EQ(lab.router.deadline(TimerId::MasterDown), deadline);
  EXPECT_EQ(lab.router.master()->address, kGreater);
  lab.hear(0, kGreater);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 609'375us);
}

TEST(Resignation, RepeatedPostponesNothing) {
  Lab lab(v3());
  lab.backup();
  lab.hear(150);
  lab.hear(0);
  const auto deadline = lab.router.deadline(TimerId::MasterDown);
  for (int i = 0; i < 30; ++i) {
    lab.advance(20ms);
    lab.hear(0);
    ASSERT_EQ(lab.router.deadline(TimerId::MasterDown), deadline);
  }
}

TEST(Resignation, OfAnybodyCountsWhereNobodyWasHeard) {
  Lab lab(v3());
  lab.backup();
  lab.hear(0);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 609'375us);
}

} // namespace
} // namespace xvrrp::core
