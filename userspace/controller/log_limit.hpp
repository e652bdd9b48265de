// SPDX-License-Identifier: BSD-2-Clause
// Log lines that somebody on the network can cause: no more of them than the log can bear.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <xvrrp/base/time.hpp>

namespace xvrrp::controller {

/// How many lines of one kind are logged: so many at once, and one in an interval after.
struct LogRate {
  unsigned at_once = 20;
  Nanoseconds interval = std::chrono::seconds{1};
};

class LogLimit {
public:
  /// Whether a line of this kind may be logged at `now`: how many were left out since the last that was.
  /// Kinds are remembered for good, so they are of the configuration, not of the packet; each has one rate.
  std::optional<std::uint64_t> admit(const std::string& kind, Instant now, const LogRate& rate = {});

private:
  struct Kind {
    Instant full_at{}; ///< when all at once are allowed again
    std::uint64_t left_out = 0;
  };
  std::map<std::string, Kind> kinds_;
};

/// Manager thread only: the line as it is to be logged, with how many were left out; absent: too many of its
/// kind.
std::optional<std::string> limited(const std::string& kind, const std::string& line,
                                   const LogRate& rate = {});
/// Logs it so.
void warn_limited(const std::string& kind, const std::string& line, const LogRate& rate = {});
void error_limited(const std::string& kind, const std::string& line);

} // namespace xvrrp::controller
