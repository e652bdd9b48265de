// SPDX-License-Identifier: BSD-2-Clause
// A run's result in words.
#pragma once

#include <chrono>
#include <ctime>
#include <string>

#include "sim/simulation.hpp"

namespace xvrrp::sim {

/// What a run took: of the wall clock, and of the processor, which is what counts on a busy machine.
class Stopwatch {
public:
  double wall_seconds() const;
  double processor_seconds() const;

private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  std::clock_t processor_ = std::clock();
};

/// Several lines.
std::string summary(const RunReport& report, const Stopwatch& took);
/// The command that repeats a run.
std::string replay_command(const RunOptions& options);
std::string fault_list();

} // namespace xvrrp::sim
