// SPDX-License-Identifier: BSD-2-Clause
// Two kinds of time: the world's, which the network and the checkers know, and each node's own, which is all
// that its routers are told. They are different types, so that nobody mixes them up.
#pragma once

#include <chrono>
#include <cstdint>

#include <xvrrp/base/time.hpp>

namespace xvrrp::sim {

/// The time of the simulated world.
struct TrueTime {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Nanoseconds;
  using time_point = std::chrono::time_point<TrueTime>;
  static constexpr bool is_steady = true;
};
using Moment = TrueTime::time_point;

/// CLOCK_MONOTONIC of one node: started at another moment than the others', and running a little faster or
/// slower.
class LocalClock {
public:
  constexpr LocalClock() = default;
  constexpr LocalClock(Nanoseconds offset, std::int32_t drift_ppm) : offset_(offset), drift_ppm_(drift_ppm) {}

  constexpr Instant at(Moment moment) const {
    const Nanoseconds elapsed = moment.time_since_epoch();
    return Instant{offset_ + elapsed + drifted(elapsed)};
  }

  /// The first moment at which the clock shows `instant` or more.
  constexpr Moment when(Instant instant) const {
    const Nanoseconds shown = instant.time_since_epoch() - offset_;
    Moment moment{shown - Nanoseconds{shown.count() * drift_ppm_ / (kPpm + drift_ppm_)}};
    while (at(moment) < instant)
      moment += Nanoseconds{1};
    while (at(moment - Nanoseconds{1}) >= instant)
      moment -= Nanoseconds{1};
    return moment;
  }

private:
  static constexpr std::int64_t kPpm = 1'000'000;
  constexpr Nanoseconds drifted(Nanoseconds elapsed) const {
    return Nanoseconds{elapsed.count() * drift_ppm_ / kPpm};
  }

  Nanoseconds offset_{};
  std::int64_t drift_ppm_ = 0;
};

} // namespace xvrrp::sim
