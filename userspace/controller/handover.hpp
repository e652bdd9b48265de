// SPDX-License-Identifier: BSD-2-Clause
// A daemon that executes its program anew, with the same pid: for an upgrade, without a Master's end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "platform/script_host.hpp"

namespace xvrrp::controller {

/// How this process was started, which is how it starts its successor.
struct Origin {
  std::string program;   ///< absolute; symbolic links as they are, so that they may point elsewhere
  std::string directory; ///< that relative paths in the arguments start from
  std::vector<std::string> arguments; ///< argv
  std::optional<int> lock;            ///< it is itself a successor: the instance's lock, held all along
  std::optional<platform::ScriptHost::Inheritance> scripts; ///< likewise: what it goes on with

  /// Before the process changes its directory. Takes what a predecessor said out of the environment.
  static Origin of_this_process(int argc, char** argv);
};

/// Asks the program as it is on disk now whether it takes the arguments, the configuration and the pinned
/// data plane. Waits for it some seconds at most: manager thread.
Status check_successor(const Origin& origin);

/// What goes to the successor: open descriptors.
struct Estate {
  int lock = -1;
  platform::ScriptHost::Inheritance scripts; ///< .memory is -1: nothing
};

/// Becomes the successor. Returns only when that failed.
Error become_successor(const Origin& origin, const Estate& estate);

} // namespace xvrrp::controller
