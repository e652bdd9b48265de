// SPDX-License-Identifier: BSD-2-Clause
// The process that runs scripts. It has no state but what runs: ScriptHost, in the daemon, has the rest.
#pragma once

namespace xvrrp::platform {

/// The word after the program's name that makes it this process, and the descriptor it then has.
inline constexpr const char* kScriptProcessOption = "--run-scripts";
inline constexpr int kScriptProcessSocket = 3;

/// Does what comes through the socket (see script_messages.hpp) until the daemon has closed its end, or has
/// ended, however: then checks are ended, services half a second later, for what they were told last, and
/// errands when their time is over. Expects all signals blocked, and leaves them so: the daemon's, which
/// "pkill xvrrpd" sends to both, are not for it. Returns the exit code. Only for a process with one thread.
int run_script_process();

} // namespace xvrrp::platform
