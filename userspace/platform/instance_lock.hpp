// SPDX-License-Identifier: BSD-2-Clause
// One daemon per instance name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// Where daemons keep their pid files and control sockets; shared by all network namespaces of a mount
/// namespace, which is why several daemons on one machine have instance names.
inline constexpr const char* kRuntimeDirectory = "/run/xvrrp";

/// [A-Za-z0-9_.-]{1,32}, not starting with '.' or '-': safe as part of a path, a table name and an option's
/// value.
bool is_valid_instance_name(std::string_view name);

/// "/run/xvrrp/INSTANCE" + suffix, such as ".pid" or ".sock".
std::string runtime_path(std::string_view instance, std::string_view suffix);

/// The pid of the daemon that holds the instance's lock; absent: none runs. Takes no lock, so it cannot
/// disturb a starting daemon.
Result<std::optional<pid_t>> holder(std::string_view instance);

/// Of the daemons that run in the caller's network namespace, by name.
std::vector<std::string> instances_here();

/// Holds /run/xvrrp/INSTANCE.pid locked for life and the daemon's pid in it. The kernel drops the lock when
/// the process dies, however it dies, so a leftover file is no obstacle. Destruction removes the file. The
/// lock is an open-file-description lock (fcntl F_OFD_SETLK): like flock(2), but another process can ask who
/// holds it without taking it. A child that inherits the descriptor would keep it; the descriptor is
/// close-on-exec.
class InstanceLock {
public:
  /// Creates the directory (0755) if need be. Usage: the name is not valid. Conflict: `instance "default" is
  /// already run by xvrrpd (pid 123)`. Permission: not root.
  static Result<InstanceLock> acquire(std::string_view instance);

  /// The lock that this process held before it executed itself anew, by its descriptor (see pass_on()); where
  /// that is not it, as acquire().
  static Result<InstanceLock> inherit(std::string_view instance, int fd);
  /// Lets the lock outlast an exec, and returns its descriptor.
  int pass_on() const noexcept;

  InstanceLock(InstanceLock&&) noexcept = default;
  InstanceLock& operator=(InstanceLock&&) = delete;
  ~InstanceLock();

private:
  InstanceLock(UniqueFd fd, std::string path) noexcept : fd_(std::move(fd)), path_(std::move(path)) {}

  UniqueFd fd_; ///< none: moved from
  std::string path_;
};

} // namespace xvrrp::platform
