// SPDX-License-Identifier: BSD-2-Clause
#include "platform/clock.hpp"

#include <ctime>

namespace xvrrp::platform {

Instant monotonic_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant{std::chrono::seconds{now.tv_sec} + Nanoseconds{now.tv_nsec}};
}

} // namespace xvrrp::platform
