// SPDX-License-Identifier: BSD-2-Clause
// Starts a program of the configuration with what it may have of the daemon's, which is next to nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "platform/program.hpp"

namespace xvrrp::platform {

/// The exit code of a program that could not be executed.
constexpr int kNotExecuted = 127;

/// PATH, LANG and TZ of this process, as NAME=VALUE; a usual PATH where there is none.
std::vector<std::string> plain_environment();

/// Starts it as the leader of a process group, with no signal blocked or ignored, its user and group and no
/// other, plain_environment() and HOME, USER and LOGNAME. It gets SIGTERM when this process ends first.
/// `silent`: its standard input and output lead nowhere. Returns its pid; absent, with errno set: no process
/// could be made. Only for a process with one thread.
std::optional<pid_t> start_program(const Program& program, bool silent);

/// Standard input, output and error lead nowhere.
void fall_silent();

} // namespace xvrrp::platform
