// SPDX-License-Identifier: BSD-2-Clause
#include "recording/lines.hpp"

namespace xvrrp::recording {

Json head_line(const std::string& version, Instant now, Nanoseconds time_of_day) {
  return {{"schema", kSchema},
          {"xvrrp", version},
          {"monotonic_ns", to_ns(now)},
          {"time_ns", time_of_day.count()}};
}

Json router_line(const std::string& name, Instant at, const core::Router& router) {
  return {{"router", name}, {"at", to_ns(at)}, {"memory", json(router)}};
}

Json step_line(const std::string& name, Instant at, const core::Event& event, const core::Actions& actions) {
  return {{"router", name}, {"at", to_ns(at)}, {"event", json(event)}, {"actions", json(actions)}};
}

Json end_line(const std::string& why) {
  return {{"end", why}};
}

} // namespace xvrrp::recording
