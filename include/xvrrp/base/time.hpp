// SPDX-License-Identifier: BSD-2-Clause
// Time as the protocol sees it: nanoseconds of CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns(). No clock is
// read here.
#pragma once

#include <chrono>
#include <cstdint>

namespace xvrrp {

using Nanoseconds = std::chrono::nanoseconds;
/// The unit of RFC 9568's Max Advertise Interval.
using Centiseconds = std::chrono::duration<std::int64_t, std::centi>;

/// CLOCK_MONOTONIC without a now(): a moment comes in as a parameter (core) or from
/// platform::monotonic_now().
struct MonotonicTime {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Nanoseconds;
  using time_point = std::chrono::time_point<MonotonicTime>;
  static constexpr bool is_steady = true;
};
using Instant = MonotonicTime::time_point;

constexpr Instant instant_from_ns(std::uint64_t ns) {
  return Instant{Nanoseconds{static_cast<std::int64_t>(ns)}};
}
constexpr std::uint64_t to_ns(Instant instant) {
  return static_cast<std::uint64_t>(instant.time_since_epoch().count());
}
constexpr std::uint64_t to_ns(Nanoseconds duration) {
  return static_cast<std::uint64_t>(duration.count());
}
constexpr double to_ms(Nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

} // namespace xvrrp
