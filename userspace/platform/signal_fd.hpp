// SPDX-License-Identifier: BSD-2-Clause
// Signals as something an epoll set can wait for.
#pragma once

#include <initializer_list>
#include <optional>

#include <csignal>

#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// Blocks a set of signals and reads them from a descriptor.
class SignalFd {
public:
  /// Blocks the signals in the calling thread and in every thread it creates from then on: call it in main(),
  /// before the first thread. The signals stay blocked when the object is gone, so that a late one cannot
  /// kill the process. A blocked signal stays blocked through fork and exec: a process that starts another
  /// one gives it an empty mask.
  static Result<SignalFd> create(std::initializer_list<int> signals);

  int fd() const noexcept { return fd_.get(); }

  /// The next pending signal's number; absent when there is none.
  std::optional<int> next() noexcept;

private:
  explicit SignalFd(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

} // namespace xvrrp::platform
