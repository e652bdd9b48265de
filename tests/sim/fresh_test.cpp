// SPDX-License-Identifier: BSD-2-Clause
// Seeds nobody has tried before, for XVRRP_SIM_SECONDS (30) of wall-clock time.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "judge.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

double budget_seconds() {
  const char* text = std::getenv("XVRRP_SIM_SECONDS");
  return text ? std::strtod(text, nullptr) : 30;
}

/// From a pair to a crowd, so that small networks, which are quick, are tried often.
ScenarioShape shape_of(std::uint64_t seed) {
  switch (seed % 4) {
  case 0:
    return {.routers = 2, .vrs = 8, .segments = 1, .fast_vrs = 1};
  case 1:
    return {.routers = 3, .vrs = 12, .segments = 2, .fast_vrs = 0};
  case 2:
    return {.routers = 8, .vrs = 10, .segments = 3, .fast_vrs = 0};
  default:
    return {};
  }
}

TEST(Fresh, NewSeeds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(budget_seconds());
  std::random_device entropy;
  std::uint64_t seeds = 0, events = 0;
  do {
    RunOptions options;
    options.seed = entropy();
    options.shape = shape_of(options.seed);
    options.duration = 30min;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed),
                replay_command(options).c_str());
    std::fflush(stdout); // should the run crash, the seed is known
    const auto report = run(options);
    expect_sound(report, options);
    ++seeds;
    events += report.events;
  } while (Clock::now() < end && !testing::Test::HasFailure());
  std::printf("%llu seeds, %llu events\n", static_cast<unsigned long long>(seeds),
              static_cast<unsigned long long>(events));
}

} // namespace
} // namespace xvrrp::sim
