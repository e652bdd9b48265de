// SPDX-License-Identifier: BSD-2-Clause
// Every interleaving of two and of three routers, to a depth.
#include <cstdio>
#include <string>
#include <vector>

#include "judge.hpp"
#include "mutants.hpp"
#include "sim/explore.hpp"
#include "sim/scenario.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;
using core::RouterConfig;

RouterConfig router(std::uint32_t node, std::uint8_t priority) {
  RouterConfig config;
  config.vrid = 1;
  config.version = core::Version::V3;
  config.priority = priority;
  config.advertisement_interval = 10ms;
  config.primary_address = address_of(node, 0, Family::IPv4, 0);
  config.announce.repeat = 1;
  return config;
}

ExploreOptions routers_of(const std::vector<std::uint8_t>& priorities) {
  ExploreOptions options;
  for (const auto priority : priorities)
    options.routers.push_back(router(static_cast<std::uint32_t>(options.routers.size()), priority));
  return options;
}

std::uint64_t expect_sound_to_depth(const char* what, const ExploreOptions& options) {
  const auto report = explore(options);
  EXPECT_TRUE(report.verdict.clean()) << report.verdict.text();
  std::printf("%s: depth %u, %llu states, %llu transitions\n", what, options.depth,
              static_cast<unsigned long long>(report.states),
              static_cast<unsigned long long>(report.transitions));
  EXPECT_GT(report.states, 1000u);
  return report.states;
}

class TwoRouters : public testing::TestWithParam<PlaneKind> {
protected:
  /// So many choices in a row that more of them lead to no new state.
  static void expect_all_sound(const char* what, ExploreOptions options) {
    options.plane = GetParam();
    const bool alone = options.plane == PlaneKind::EveryAdvert;
    options.faults = alone ? 2 : 1;
    options.losses = alone ? 3 : 2;
    options.depth = 80;
    const auto states = expect_sound_to_depth(what, options);
    options.depth = 100;
    EXPECT_EQ(explore(options).states, states) << "there are states beyond that depth";
  }
};
INSTANTIATE_TEST_SUITE_P(, TwoRouters,
                         testing::Values(PlaneKind::KernelTimer, PlaneKind::OwnTimer, PlaneKind::EveryAdvert),
                         plane_name);

TEST_P(TwoRouters, OfDifferentPriorities) {
  expect_all_sound("200 and 100", routers_of({200, 100}));
}

TEST_P(TwoRouters, OfEqualPriorities) {
  expect_all_sound("100 and 100", routers_of({100, 100}));
}

TEST_P(TwoRouters, ThatDoNotPreempt) {
  auto options = routers_of({200, 100});
  for (auto& config : options.routers)
    config.preempt = false;
  expect_all_sound("200 and 100 without preemption", options);
}

TEST_P(TwoRouters, OneOfThemTheOwner) {
  auto options = routers_of({255, 100});
  options.routers[0].preempt = false;
  expect_all_sound("255 and 100", options);
}

TEST_P(TwoRouters, OfVersion2) {
  auto options = routers_of({200, 100});
  for (auto& config : options.routers) {
    config.version = core::Version::V2;
    config.advertisement_interval = 1s;
  }
  options.longest_delay = 300ms;
  expect_all_sound("200 and 100 in v2", options);
}

TEST_P(TwoRouters, OfDifferentIntervals) {
  auto options = routers_of({200, 100});
  options.routers[0].advertisement_interval = 30ms;
  expect_all_sound("200 at 30 ms and 100 at 10 ms", options);
}

TEST_P(TwoRouters, OneOfThemPatient) {
  auto options = routers_of({200, 100});
  options.routers[0].preempt_delay = 50ms;
  expect_all_sound("200 with preempt_delay and 100", options);
}

TEST(ThreeRouters, OfDifferentPriorities) {
  auto options = routers_of({200, 100, 150});
  options.depth = 10;
  expect_sound_to_depth("200, 150 and 100", options);
}

TEST(ThreeRouters, OfEqualPriorities) {
  auto options = routers_of({100, 100, 100});
  options.depth = 10;
  expect_sound_to_depth("100, 100 and 100", options);
}

TEST(ThreeRouters, TwoOfThemDoNotPreempt) {
  auto options = routers_of({200, 100, 200});
  options.depth = 9;
  options.routers[0].preempt = options.routers[1].preempt = false;
  expect_sound_to_depth("200 and 100 without preemption, and 200", options);
}

TEST(ThreeRouters, WithKernelTimers) {
  auto options = routers_of({200, 100, 150});
  options.plane = PlaneKind::KernelTimer;
  options.depth = 9;
  expect_sound_to_depth("200, 150 and 100, kernel timer", options);
}

/// What catches them is not chance.
TEST(Exploration, FindsMutants) {
  std::size_t tried = 0;
  for (const auto& mutant : mutants()) {
    if (mutant.name != "a Master does not yield" &&
        mutant.name != "a Master does not yield to a greater address" && mutant.name != "no announcement" &&
        mutant.name != "a Master without a timer" && mutant.name != "priority 0 is ignored" &&
        mutant.name != "a Backup breaks ties by address")
      continue;
    ++tried;
    auto options = routers_of({200, 100});
    if (mutant.name.find("address") != std::string::npos)
      options = routers_of({100, 100});
    options.depth = 20;
    const auto mutation = mutant.make();
    EXPECT_TRUE(explore(options, mutation.get()).verdict.blames(mutant.caught_by)) << mutant.name;
  }
  EXPECT_EQ(tried, 6u);
}

} // namespace
} // namespace xvrrp::sim
