// SPDX-License-Identifier: BSD-2-Clause
#include "controller/log_limit.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "platform/clock.hpp"

namespace xvrrp::controller {

std::optional<std::uint64_t> LogLimit::admit(const std::string& kind, Instant now, const LogRate& rate) {
  auto& known = kinds_[kind];
  const Instant full_at = std::max(known.full_at, now) + rate.interval;
  if (full_at > now + rate.at_once * rate.interval) {
    ++known.left_out;
    return std::nullopt;
  }
  known.full_at = full_at;
  return std::exchange(known.left_out, 0);
}

std::optional<std::string> limited(const std::string& kind, const std::string& line, const LogRate& rate) {
  static LogLimit limit;
  const auto left_out = limit.admit(kind, platform::monotonic_now(), rate);
  if (!left_out)
    return std::nullopt;
  return *left_out == 0 ? line : fmt::format("{} ({} lines like it were left out)", line, *left_out);
}

void warn_limited(const std::string& kind, const std::string& line, const LogRate& rate) {
  if (const auto text = limited(kind, line, rate))
    spdlog::warn("{}", *text);
}

void error_limited(const std::string& kind, const std::string& line) {
  if (const auto text = limited(kind, line))
    spdlog::error("{}", *text);
}

} // namespace xvrrp::controller
