// SPDX-License-Identifier: BSD-2-Clause
// Leaving the terminal without hiding a failed start from whoever typed the command.
#pragma once

#include <xvrrp/base/result.hpp>

namespace xvrrp::controller {

/// Forks; the child goes on in a session of its own. The parent waits for started() or for the child's end
/// and exits with 0 or with the child's exit code, so that "xvrrpd && echo up" means what it says.
class Background {
public:
  /// Returns in the child only. Before any thread exists.
  static Result<Background> enter();
  /// Lets the parent exit with 0, and closes standard input, output and error.
  void started();

private:
  explicit Background(int notify_fd) : notify_fd_(notify_fd) {}
  int notify_fd_;
};

} // namespace xvrrp::controller
