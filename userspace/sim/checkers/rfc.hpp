// SPDX-License-Identifier: BSD-2-Clause
// What the RFCs say about times and ranks, computed here once more and not with the code under test.
#pragma once

#include <algorithm>

#include "sim/observer.hpp"

namespace xvrrp::sim::rfc {

/// Times are whole nanoseconds.
inline constexpr Nanoseconds kRounding{1};
/// What integer nanoseconds and the conversion between clocks may cost.
inline constexpr Nanoseconds kTolerance{std::chrono::microseconds{1}};

inline bool is_v2(const core::RouterConfig& config) {
  return config.version == core::Version::V2;
}

inline bool is_owner(const core::RouterConfig& config) {
  return config.priority == 255;
}

/// RFC 9568 6.1: Skew_Time = ((256 - Priority) * Active_Adver_Interval) / 256, the latter being the one in
/// force. RFC 3768 6.1: (256 - Priority) / 256 seconds. Nothing is said of rounding; a router that rounds to
/// the units of the wire makes neighbouring priorities equal.
inline Nanoseconds skew_time(const core::RouterConfig& config, Nanoseconds interval) {
  const Nanoseconds unit = is_v2(config) ? Nanoseconds{std::chrono::seconds{1}} : interval;
  return unit - unit * config.priority / 256;
}

/// RFC 9568 6.1: Active_Down_Interval = (3 * Active_Adver_Interval) + Skew_time, the 3 being configurable
/// here.
inline Nanoseconds master_down_interval(const core::RouterConfig& config, Nanoseconds interval) {
  return interval * config.down_adverts + skew_time(config, interval);
}

/// RFC 9568 6.4.2 and 6.4.3: an advert's interval is learned. RFC 3768 knows its own only.
inline Nanoseconds learned_interval(const core::RouterConfig& config, const core::Advert& advert) {
  return is_v2(config) ? config.advertisement_interval : advert.interval;
}

/// RFC 9568 6.4.3: greater priority, or equal priority and greater primary address.
inline bool outranks(std::uint8_t priority, const IpAddress& address, std::uint8_t other_priority,
                     const IpAddress& other_address) {
  if (priority != other_priority)
    return priority > other_priority;
  const auto& a = address.bytes();
  const auto& b = other_address.bytes();
  return std::lexicographical_compare(b.begin(), b.end(), a.begin(), a.end());
}

/// RFC 9568 6.1: the owner always preempts.
inline bool preempts(const core::RouterConfig& config) {
  return config.preempt || is_owner(config);
}

} // namespace xvrrp::sim::rfc
