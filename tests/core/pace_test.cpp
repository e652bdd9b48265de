// SPDX-License-Identifier: BSD-2-Clause
// Intervals below a centisecond: which adverts teach ours, and which what they say.
#include <xvrrp/rules/pace.h>

#include "lab.hpp"

namespace xvrrp::core {
namespace {

constexpr int kProof = XV_PACE_ADVERTS;

/// A Backup that hears adverts.
struct Ear {
  Nanoseconds own;
  Instant now{};
  xv_pace pace{};

  Nanoseconds hear(Nanoseconds gap, const IpAddress& source = kGreater, Nanoseconds announced = 10ms) {
    now += gap;
    return Nanoseconds{static_cast<std::int64_t>(
        xv_taught_interval(&pace, source.bytes().data(), to_ns(own), to_ns(announced), to_ns(now)))};
  }
  /// So many adverts of one pace; returns what the last one taught.
  Nanoseconds hear_many(int adverts, Nanoseconds gap) {
    Nanoseconds taught{};
    for (int i = 0; i < adverts; ++i)
      taught = hear(gap);
    return taught;
  }
  bool differs() const { return pace.differs != 0; }
};

TEST(Pace, IsBelievedAfterSomeAdvertsAndNotBefore) {
  for (const auto own : {1ms, 2ms, 5ms, 9ms}) {
    SCOPED_TRACE(to_ms(own));
    Ear ear{own};
    EXPECT_EQ(ear.hear(1h), 10ms);
    EXPECT_EQ(ear.hear_many(kProof - 2, own), 10ms);
    EXPECT_FALSE(ear.differs()) << "not known yet";
    EXPECT_EQ(ear.hear(own), own);
    EXPECT_FALSE(ear.differs());
    EXPECT_EQ(ear.hear_many(100'000, own), own);
  }
}

TEST(Pace, LostAndLateAdvertsAreForgiven) {
  Ear ear{1ms};
  ear.hear_many(kProof, 1ms);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(ear.hear(3ms), 1ms);
    ASSERT_EQ(ear.hear_many(5, 1ms), 1ms);
  }
  EXPECT_FALSE(ear.differs());
}

struct Mismatch {
  Nanoseconds own;
  Nanoseconds masters;
  Nanoseconds taught;
};
constexpr Mismatch kMismatches[] = {
    {1ms, 10ms, 10ms}, {5ms, 10ms, 10ms}, {1ms, 2ms, 10ms}, {2ms, 1ms, 2ms}, {9ms, 5ms, 9ms},
};

/// What matters most: a Master that announces a centisecond and means it is never given up sooner.
TEST(Pace, AnotherPaceIsNoticedAndASlowerOneNeverBelieved) {
  for (const auto& [own, masters, taught] : kMismatches) {
    SCOPED_TRACE(testing::Message() << to_ms(own) << " ms, the Master " << to_ms(masters) << " ms");
    Ear ear{own};
    for (int i = 0; i < 10'000; ++i) {
      const auto interval = ear.hear(masters);
      ASSERT_TRUE(interval == 10ms || interval == taught);
    }
    EXPECT_TRUE(ear.differs());
    EXPECT_EQ(ear.hear(masters), taught);
  }
}

/// Such as the answers of a Master to adverts that lose against it.
TEST(Pace, ABurstOfASlowMasterIsNotItsPace) {
  Ear ear{1ms};
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(ear.hear(10ms), 10ms);
    ASSERT_EQ(ear.hear_many(4, 1ms), 10ms) << "round " << i;
  }
}

TEST(Pace, AMasterThatSlowsDownIsNoticedAtOnce) {
  Ear ear{1ms};
  ASSERT_EQ(ear.hear_many(100, 1ms), 1ms);
  EXPECT_EQ(ear.hear_many(6, 2ms), 10ms);
  EXPECT_TRUE(ear.differs());
  EXPECT_EQ(ear.hear_many(kProof, 1ms), 1ms);
  EXPECT_FALSE(ear.differs());
}

/// We took it for dead, and it was not.
TEST(Pace, APauseEndsItForAFewAdverts) {
  Ear ear{1ms};
  ASSERT_EQ(ear.hear_many(100, 1ms), 1ms);
  EXPECT_EQ(ear.hear(9ms), 10ms);
  EXPECT_TRUE(ear.differs());
  EXPECT_EQ(ear.hear_many(10, 1ms), 1ms);
  EXPECT_FALSE(ear.differs());
}

/// Whoever was silent for so long was lost to every Backup; nothing is wrong with what comes next.
TEST(Pace, AnotherMasterBeginsAnew) {
  Ear ear{1ms};
  ASSERT_EQ(ear.hear_many(100, 1ms), 1ms);
  EXPECT_EQ(ear.hear(1ms, kLower), 10ms);
  EXPECT_FALSE(ear.differs());
  ASSERT_EQ(ear.hear_many(100, 1ms), 1ms);
  EXPECT_EQ(ear.hear(31ms), 10ms);
  EXPECT_FALSE(ear.differs());
}

TEST(Pace, WhatIsAnnouncedCountsOtherwise) {
  Ear ear{1ms};
  ASSERT_EQ(ear.hear_many(100, 1ms), 1ms);
  EXPECT_EQ(ear.hear(1ms, kGreater, 20ms), 20ms);
  EXPECT_EQ(ear.hear(1ms), 10ms);

  Ear slow{10ms};
  EXPECT_EQ(slow.hear_many(100, 1ms), 10ms) << "a centisecond is what we have configured";
  EXPECT_EQ(slow.hear(1ms, kGreater, 30ms), 30ms);
  EXPECT_FALSE(slow.differs());
}

/// Whoever is Master may be one that announces our interval and cannot be faster.
TEST(Pace, ABackupStartsWithWhatCanBeAnnounced) {
  Lab lab(v3(100, 1ms));
  lab.backup();
  EXPECT_EQ(lab.left(TimerId::MasterDown), 36'093'750ns);
  lab.hear(150, kGreater, 1ms);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375ns);
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 1ms);
  EXPECT_EQ(lab.router.master_adver_interval(), 1ms);
}

} // namespace
} // namespace xvrrp::core
