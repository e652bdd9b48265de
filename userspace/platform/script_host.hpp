// SPDX-License-Identifier: BSD-2-Clause
// Runs other programs for a daemon whose threads have no time for that: a process of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A program to be run.
struct Errand {
  std::string queue; ///< those of one queue run one after the other, those of several side by side
  std::vector<std::string> argv; ///< argv[0] is the program, an absolute path
  std::uint32_t user = 0;
  std::uint32_t group = 0;
};

/// Runs errands in the background, without waiting for them. The process ends by itself when it has nothing
/// left to do after the object was destroyed, or the daemon has ended, however: so a last script gets its
/// time. What goes wrong with a script is said on standard error and to syslog.
class ScriptHost {
public:
  /// Forks: the caller has no other threads and no descriptors yet that somebody must not keep.
  static Result<ScriptHost> start();

  /// Does not wait. Errors when the process is gone, or has so much to do that its socket is full.
  Status run(const Errand& errand);

private:
  explicit ScriptHost(UniqueFd socket) : socket_(std::move(socket)) {}
  UniqueFd socket_;
};

} // namespace xvrrp::platform
