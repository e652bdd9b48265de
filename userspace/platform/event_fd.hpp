// SPDX-License-Identifier: BSD-2-Clause
// A wake-up from one thread to another.
#pragma once

#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// An eventfd: any number of notify() before a drain() are one wake-up.
class EventFd {
public:
  static Result<EventFd> create();

  int fd() const noexcept { return fd_.get(); }

  /// From any thread; never blocks.
  void notify() noexcept;
  /// From the waiting thread, before it looks at what it was woken for. False if there was nothing to
  /// consume.
  bool drain() noexcept;

private:
  explicit EventFd(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

} // namespace xvrrp::platform
