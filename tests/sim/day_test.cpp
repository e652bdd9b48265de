// SPDX-License-Identifier: BSD-2-Clause
// A day of five routers and fifty virtual routers under faults.
#include <cstdio>

#include "judge.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

TEST(Day, FiveRoutersFiftyVirtualRoutersUnderFaults) {
  RunOptions options;
  options.seed = 20260901;
  options.duration = 24h;
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  const Stopwatch took;
  const auto report = run(options);
  std::printf("%s", summary(report, took).c_str());
  expect_sound(report, options);
  EXPECT_GE(report.simulated, Nanoseconds{24h});
}

} // namespace
} // namespace xvrrp::sim
