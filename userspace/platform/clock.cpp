// SPDX-License-Identifier: BSD-2-Clause
#include "platform/clock.hpp"

#include <ctime>

namespace xvrrp::platform {

Instant monotonic_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant{std::chrono::seconds{now.tv_sec} + Nanoseconds{now.tv_nsec}};
}

Nanoseconds time_of_day(Instant moment) noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::chrono::seconds{now.tv_sec} + Nanoseconds{now.tv_nsec} - (monotonic_now() - moment);
}

} // namespace xvrrp::platform
