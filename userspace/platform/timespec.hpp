// SPDX-License-Identifier: BSD-2-Clause
// Private to platform.
#pragma once

#include <ctime>

#include <xvrrp/base/time.hpp>

namespace xvrrp::platform {

inline timespec to_timespec(Nanoseconds duration) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {static_cast<std::time_t>(seconds.count()), static_cast<long>((duration - seconds).count())};
}

} // namespace xvrrp::platform
