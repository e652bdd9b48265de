// SPDX-License-Identifier: BSD-2-Clause
#include "core/tracking.hpp"

#include <gtest/gtest.h>

namespace xvrrp::core {
namespace {

TEST(Health, TheFirstCheckDecides) {
  for (const bool success : {true, false}) {
    Health health{3, 3, false};
    EXPECT_EQ(health.up(), std::nullopt);
    EXPECT_TRUE(health.hear(success));
    EXPECT_EQ(health.up(), success);
  }
}

TEST(Health, TheFirstCheckDecidesAlsoIfItStartsDown) {
  Health health{3, 3, true};
  EXPECT_TRUE(health.hear(true));
}

TEST(Health, RiseAndFallAreResultsInARow) {
  Health health{2, 3, true};
  EXPECT_EQ(health.up(), false);
  EXPECT_FALSE(health.hear(false));
  EXPECT_FALSE(health.hear(true));
  EXPECT_FALSE(health.hear(false));
  EXPECT_FALSE(health.hear(true));
  EXPECT_TRUE(health.hear(true));
  EXPECT_FALSE(health.hear(false));
  EXPECT_FALSE(health.hear(false));
  EXPECT_FALSE(health.hear(true));
  EXPECT_FALSE(health.hear(false));
  EXPECT_FALSE(health.hear(false));
  EXPECT_TRUE(health.hear(false));
  EXPECT_EQ(health.up(), false);
}

TEST(Health, GoesOnWhereAnEarlierProcessWas) {
  Health before{2, 3, false};
  before.hear(true);
  before.hear(false);
  before.hear(false);
  Health after{2, 3, false};
  after.resume(*before.up(), before.against());
  EXPECT_EQ(after.up(), true);
  EXPECT_TRUE(after.hear(false)) << "the third in a row";
}

struct Case {
  int weight;
  bool reverse;
  std::optional<bool> up;
  int priority;
  bool fault;
};

TEST(TrackedSum, WeightsAsKeepaliveds) {
  for (const auto& [weight, reverse, up, priority, fault] :
       {Case{20, false, true, 120, false}, Case{20, false, false, 100, false},
        Case{-20, false, true, 100, false}, Case{-20, false, false, 80, false},
        Case{20, true, true, 100, false}, Case{20, true, false, 120, false}, Case{-20, true, true, 80, false},
        Case{-20, true, false, 100, false}, Case{0, false, true, 100, false},
        Case{0, false, false, 100, true}, Case{0, true, true, 100, true}, Case{0, true, false, 100, false},
        Case{20, false, std::nullopt, 100, false}, Case{0, false, std::nullopt, 100, false},
        Case{253, false, true, 254, false}, Case{-253, false, false, 1, false}}) {
    TrackedSum sum{100};
    EXPECT_EQ(sum.add(weight, reverse, up), fault) << weight << reverse;
    EXPECT_EQ(sum.priority(), priority) << weight << reverse;
  }
}

TEST(TrackedSum, AddsUpBeforeItIsLimited) {
  TrackedSum sum{100};
  sum.add(253, false, true);
  sum.add(-253, false, false);
  EXPECT_EQ(sum.priority(), 100);
}

TEST(TrackedSum, AnOwnerStaysOne) {
  TrackedSum sum{255};
  sum.add(-100, false, false);
  EXPECT_EQ(sum.priority(), 255);
  EXPECT_TRUE(sum.add(0, false, false)) << "a fault counts all the same";
}

TEST(TrackedSum, NumbersOfFiles) {
  for (const auto& [weight, reverse, number, priority, fault] :
       {std::tuple{1, false, 10, 110, false}, std::tuple{2, false, -10, 80, false},
        std::tuple{1, true, 10, 90, false}, std::tuple{1, false, -254, 1, true},
        std::tuple{1, false, 1000, 254, false}, std::tuple{0, false, 1, 100, true},
        std::tuple{0, false, 0, 100, false}, std::tuple{0, true, 0, 100, true},
        std::tuple{254, false, 2147483647, 254, false}}) {
    TrackedSum sum{100};
    EXPECT_EQ(sum.add_number(weight, reverse, number), fault) << weight << ' ' << number;
    EXPECT_EQ(sum.priority(), priority) << weight << ' ' << number;
  }
}

} // namespace
} // namespace xvrrp::core
