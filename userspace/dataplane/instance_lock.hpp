// SPDX-License-Identifier: BSD-2-Clause
// One process at a time changes the data plane of an instance.
#pragma once

#include <string>
#include <utility>

#include <xvrrp/base/result.hpp>

#include "dataplane/pin_directory.hpp"

namespace xvrrp::dataplane {

/// Holds the directory INSTANCE+lock beside the instance's pins locked (flock(2)), for life. It lies with
/// what it protects, so that daemons that share a bpffs and nothing else exclude each other; and only root
/// can open it, for a lock of any kind can keep a daemon out. The kernel drops the lock when the process
/// dies, however it dies. A child that inherits the descriptor would keep it; the descriptor is
/// close-on-exec. Destruction removes the directory.
class InstanceLock {
public:
  /// The instance's name is valid. Conflict: `instance "default" is already run by xvrrpd (pid 123)`.
  /// Otherwise as PinDirectory::make_root().
  static Result<InstanceLock> acquire(const std::string& instance);
  /// The lock that this process held before it executed itself anew, by its descriptor (see pass_on()), which
  /// it takes over; where that is not it, as acquire().
  static Result<InstanceLock> inherit(const std::string& instance, int fd);
  /// Lets the lock outlast an exec, and returns its descriptor.
  int pass_on() const noexcept;

  InstanceLock(InstanceLock&&) noexcept = default;
  InstanceLock& operator=(InstanceLock&&) = delete;
  ~InstanceLock();

private:
  InstanceLock(PinDirectory root, std::string name, UniqueFd locked)
      : root_(std::move(root)), name_(std::move(name)), locked_(std::move(locked)) {}

  PinDirectory root_;
  std::string name_;
  UniqueFd locked_; ///< none: moved from
};

} // namespace xvrrp::dataplane
