// SPDX-License-Identifier: BSD-2-Clause
// One deadline that an epoll set can wait for.
#pragma once

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A one-shot timerfd on CLOCK_MONOTONIC. Used by one thread. How late it fires is decided by the scheduler
/// and, for threads without real-time priority, by the timer slack (50 us by default); SCHED_FIFO threads
/// have none.
class TimerFd {
public:
  static Result<TimerFd> create();

  int fd() const noexcept { return fd_.get(); }

  /// Replaces the deadline. One that has passed makes the descriptor readable at once.
  void arm(Instant deadline) noexcept;
  void disarm() noexcept;
  /// Consumes the expiry, so that the descriptor is quiet until the next arm(). False if it had not fired.
  bool drain() noexcept;

private:
  explicit TimerFd(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

} // namespace xvrrp::platform
