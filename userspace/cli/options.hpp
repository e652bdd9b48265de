// SPDX-License-Identifier: BSD-2-Clause
// The command line.
#pragma once

#include <optional>

#include "cli/commands.hpp"

namespace xvrrp::cli {

struct ParsedOptions {
  std::optional<Command> command; ///< absent: everything was said already, exit
  int exit_code = 0;
};

/// Prints help, the version, or what is wrong with the command line.
ParsedOptions parse_options(int argc, const char* const* argv);

} // namespace xvrrp::cli
