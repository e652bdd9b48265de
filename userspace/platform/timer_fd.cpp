// SPDX-License-Identifier: BSD-2-Clause
#include "platform/timer_fd.hpp"

#include <algorithm>
#include <cstdint>

#include <sys/timerfd.h>

#include "platform/timespec.hpp"

namespace xvrrp::platform {

Result<TimerFd> TimerFd::create() {
  UniqueFd fd{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
  if (!fd)
    return system_error("timerfd_create");
  return TimerFd{std::move(fd)};
}

void TimerFd::arm(Instant deadline) noexcept {
  itimerspec setting{};
  // A time of zero would disarm; 1 ns after boot is as much in the past.
  setting.it_value = to_timespec(std::max(deadline.time_since_epoch(), Nanoseconds{1}));
  ::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
}

void TimerFd::disarm() noexcept {
  const itimerspec off{};
  ::timerfd_settime(fd_.get(), 0, &off, nullptr);
}

bool TimerFd::drain() noexcept {
  std::uint64_t expirations = 0;
  return ::read(fd_.get(), &expirations, sizeof expirations) == sizeof expirations;
}

} // namespace xvrrp::platform
