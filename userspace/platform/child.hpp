// SPDX-License-Identifier: BSD-2-Clause
// Another program, run to its end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

struct ChildCommand {
  std::string program;                ///< absolute path
  std::string directory;              ///< where it runs
  std::vector<std::string> arguments; ///< with argv[0]
};
struct ChildOutcome {
  int exit_code = 0;  ///< 128 + the signal's number where one ended it
  std::string output; ///< standard output, at most 16 KiB
  std::string errors; ///< standard error, likewise
};

/// Runs the program with no signal blocked or ignored, and no input, and waits for it; one that takes longer
/// than `patience` is killed, which is an error. Allocates and blocks: never on the election thread.
Result<ChildOutcome> run_child(const ChildCommand& command, std::chrono::milliseconds patience);

} // namespace xvrrp::platform
