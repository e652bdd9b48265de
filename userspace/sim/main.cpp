// SPDX-License-Identifier: BSD-2-Clause
// xvrrp-sim: the simulator as a tool.
#include <cstdio>
#include <random>

#include <fmt/format.h>

#include "sim/options.hpp"
#include "sim/report.hpp"
#include "sim/trace.hpp"

namespace {

using namespace xvrrp::sim;
std::uint64_t new_seed() {
  return std::random_device{}(); // 32 bits are easier to read out to somebody
}

void announce(std::uint64_t seed) {
  fmt::print("seed       {}\n", seed);
  std::fflush(stdout); // should the run crash, the seed is known
}

int run_one(const ToolOptions& options) {
  announce(options.run.seed);
  Trace trace([](const std::string& line) { fmt::print("{}\n", line); });
  const Stopwatch took;
  const auto report = run(options.run, options.trace ? &trace : nullptr);
  fmt::print("{}", summary(report, took));
  return report.verdict.clean() ? 0 : 1;
}

int hunt(RunOptions options, double seconds) {
  const Stopwatch all;
  std::uint64_t seeds = 0, events = 0;
  do {
    options.seed = new_seed();
    announce(options.seed);
    const Stopwatch took;
    const auto report = run(options);
    ++seeds;
    events += report.events;
    if (!report.verdict.clean()) {
      fmt::print("{}replay     {}\n", summary(report, took), replay_command(options));
      return 1;
    }
  } while (all.wall_seconds() < seconds);
  fmt::print("verdict    {} seeds, {} events, {:.1f} s: no rule was broken\n", seeds, events,
             all.wall_seconds());
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  auto parsed = parse_options(argc, argv);
  if (!parsed.options)
    return parsed.exit_code;
  auto& options = *parsed.options;
  if (!options.seed_given)
    options.run.seed = new_seed();
  switch (options.task) {
  case ToolOptions::Task::ListFaults:
    fmt::print("{}", fault_list());
    return 0;
  case ToolOptions::Task::Hunt:
    return hunt(options.run, options.seconds);
  case ToolOptions::Task::Run:
    return run_one(options);
  }
  return 0;
}
