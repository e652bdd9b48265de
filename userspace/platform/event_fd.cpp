// SPDX-License-Identifier: BSD-2-Clause
#include "platform/event_fd.hpp"

#include <cstdint>

#include <sys/eventfd.h>

namespace xvrrp::platform {

Result<EventFd> EventFd::create() {
  UniqueFd fd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  if (!fd)
    return system_error("eventfd");
  return EventFd{std::move(fd)};
}

void EventFd::notify() noexcept {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the waiter is notified already.
  [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one);
}

bool EventFd::drain() noexcept {
  std::uint64_t count = 0;
  return ::read(fd_.get(), &count, sizeof count) == sizeof count;
}

} // namespace xvrrp::platform
