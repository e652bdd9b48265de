// SPDX-License-Identifier: BSD-2-Clause
// A recording is lines of JSON: a head, then what each router remembered when the recording began, every step
// of each router in the order in which they were made, and why it ended.
#pragma once

#include <string>

#include "recording/json.hpp"

namespace xvrrp::recording {

inline constexpr int kSchema = 1;

/// `time_of_day` is that of `now`, since 1970.
Json head_line(const std::string& version, Instant now, Nanoseconds time_of_day);
Json router_line(const std::string& name, Instant at, const core::Router& router);
Json step_line(const std::string& name, Instant at, const core::Event& event, const core::Actions& actions);
Json end_line(const std::string& why);

} // namespace xvrrp::recording
