// SPDX-License-Identifier: BSD-2-Clause
// Times as people read them.
#pragma once

#include <string>

#include <xvrrp/base/time.hpp>

namespace xvrrp::cli {

/// "0.013 ms", "36.09 ms", "3.609 s", "2 min 5 s", "3 h 2 min", "4 d 1 h".
std::string duration_text(Nanoseconds duration);

/// From a number of milliseconds or seconds in JSON; what no duration can hold becomes the nearest one that
/// can.
Nanoseconds from_ms(double milliseconds);
Nanoseconds from_s(double seconds);
/// "2026-11-24 03:01:02.123456789", here; of `since_1970`.
std::string time_of_day_text(Nanoseconds since_1970);

} // namespace xvrrp::cli
