// SPDX-License-Identifier: BSD-2-Clause
// What the simulator is made of.
#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "sim/checkers/rfc.hpp"
#include "sim/event_queue.hpp"
#include "sim/random.hpp"
#include "sim/scenario.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

TEST(LocalClock, WhenIsTheFirstMomentOfAnInstant) {
  Random random(1);
  for (const std::int32_t drift : {-100, -1, 0, 1, 100}) {
    const LocalClock clock(17s, drift);
    for (int i = 0; i < 10'000; ++i) {
      const Instant instant{random.between(18s, 200'000s)};
      const Moment moment = clock.when(instant);
      ASSERT_GE(clock.at(moment), instant);
      ASSERT_LT(clock.at(moment - 1ns), instant);
    }
  }
}

TEST(LocalClock, DriftsByItsPartsPerMillion) {
  const LocalClock clock(0s, 100);
  EXPECT_EQ(clock.at(Moment{10'000s}).time_since_epoch(), 10'001s);
}

TEST(EventQueue, GivesBackInOrderOfTimeAndThenOfArrival) {
  EventQueue queue;
  Random random(1);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> expected;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const auto at = random.below(300);
    expected.emplace_back(at, i);
    queue.push(Moment{Nanoseconds{at}}, Scheduled::Kind::Timer, i, 0);
  }
  std::sort(expected.begin(), expected.end());
  for (const auto& [at, target] : expected) {
    const auto event = queue.pop();
    ASSERT_EQ(event.at, Moment{Nanoseconds{at}});
    ASSERT_EQ(event.target, target);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(Random, IsTheSameEverywhere) {
  Random random(0);
  EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4u) << "of the reference implementations, seeded with 0";
}

TEST(Random, StaysWithinItsBounds) {
  Random random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = random.between(5ns, 9ns);
    ASSERT_TRUE(drawn >= 5ns && drawn <= 9ns);
    seen.insert(to_ns(drawn));
  }
  EXPECT_EQ(seen.size(), 5u);
}

/// The table of section 2.2 of the requirements.
TEST(Rfc, TheCheckersKnowTheTimesOfTheTable) {
  core::RouterConfig config;
  const auto with = [&](core::Version version, std::uint8_t priority) {
    config.version = version;
    config.priority = priority;
    return config;
  };
  EXPECT_EQ(rfc::skew_time(with(core::Version::V3, 100), 1s), 609'375us);
  EXPECT_EQ(rfc::master_down_interval(with(core::Version::V3, 100), 3s), 10'828'125us);
  EXPECT_EQ(rfc::master_down_interval(with(core::Version::V3, 254), 1s), 3'007'812'500ns);
  EXPECT_EQ(rfc::master_down_interval(with(core::Version::V3, 100), 10ms), 36'093'750ns);
  EXPECT_EQ(rfc::master_down_interval(with(core::Version::V2, 100), 3s), 9'609'375us);
  EXPECT_EQ(rfc::skew_time(with(core::Version::V2, 1), 3s), 996'093'750ns);
}

TEST(Scenario, HoldsAllKindsOfRouters) {
  std::set<core::Version> versions;
  std::set<Family> families;
  std::size_t owners = 0, interop = 0, meek = 0, patient = 0, late = 0, fast = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const auto& group : random_scenario(seed, {}).groups) {
      for (const auto& member : group.members) {
        versions.insert(member.version);
        families.insert(member.family);
        owners += rfc::is_owner(member);
        interop += member.v2_interop;
        meek += !member.preempt;
        patient += member.preempt_delay > 0s;
        late += member.startup_delay > 0s;
        fast += member.advertisement_interval == 10ms;
      }
    }
  }
  EXPECT_EQ(versions.size(), 2u);
  EXPECT_EQ(families.size(), 2u);
  for (const auto kind : {owners, interop, meek, patient, late, fast})
    EXPECT_GE(kind, 10u);
}

} // namespace
} // namespace xvrrp::sim
