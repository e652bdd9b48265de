// SPDX-License-Identifier: BSD-2-Clause
// What a daemon that executes itself anew leaves to its successor of the scripts it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <xvrrp/base/result.hpp>

#include "platform/errand_queues.hpp"
#include "platform/script_messages.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

struct ScriptLegacy {
  struct Task {
    ScriptRequest request;
    std::string queue; ///< of an errand
    bool at_end = false;
    bool is_over = false;
    pid_t group = 0;
  };
  pid_t process = 0;       ///< that runs scripts, a child of both
  std::uint32_t next = 0;  ///< the first number that was never given
  std::vector<Task> tasks; ///< that the process was asked for, or is to be by the successor
  std::vector<ScriptRequest> to_send;
  std::vector<Errand> waiting;
};

/// In memory, behind a descriptor.
Result<UniqueFd> write_legacy(const ScriptLegacy& legacy);
/// The process of a predecessor of any version, which says so right after its protocol; 0: that is not told.
pid_t process_of(int memory);
/// Absent: it was written by a version that is not understood.
std::optional<ScriptLegacy> read_legacy(int memory);

} // namespace xvrrp::platform
