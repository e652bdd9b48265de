// SPDX-License-Identifier: BSD-2-Clause
// The command line of xvrrp-sim.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/simulation.hpp"

namespace xvrrp::sim {

struct ToolOptions {
  enum class Task {
    Run,       ///< one seed
    Hunt,      ///< new seeds until the time is over
    ListFaults ///< what can go wrong
  };

  Task task = Task::Run;
  RunOptions run;
  double seconds = 0; ///< Hunt: of wall-clock time
  bool seed_given = false;
  bool trace = false;
};

struct ParsedOptions {
  std::optional<ToolOptions> options; ///< nothing when there is nothing to do
  int exit_code = 0;
};

/// Answers --help, and complains on standard error.
ParsedOptions parse_options(int argc, char** argv);

} // namespace xvrrp::sim
