// SPDX-License-Identifier: BSD-2-Clause
// Runs a recording through the core again, and compares what comes out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <xvrrp/base/result.hpp>

#include "core/router.hpp"
#include "recording/json.hpp"

namespace xvrrp::recording {

/// One step, made again.
struct ReplayedStep {
  const std::string& router;
  Instant at;
  Nanoseconds time_of_day; ///< since 1970, as the recording machine's clock was at the beginning
  core::State state;       ///< before the step
  const core::Event& event;
  const core::Actions& actions;
};

class Replay {
public:
  using Watcher = std::function<void(const ReplayedStep&)>;
  explicit Replay(Watcher watcher) : watcher_(std::move(watcher)) {}

  /// The next line of the recording, without its newline. Fails where it is none, and where the core does not
  /// do what it did; nothing after that is of use.
  Status take(const std::string& line);

  std::uint64_t steps() const { return steps_; }
  std::size_t routers() const { return routers_.size(); }
  const std::string& end() const { return end_; } ///< why the recording ended; empty: it was cut off

private:
  Status take(const Json& line);
  Status begin(const Json& head);
  Status step(const std::string& name, core::Router& router, Instant at, const Json& line);

  Watcher watcher_;
  bool begun_ = false;
  Nanoseconds clock_offset_{}; ///< from our time to that of day
  std::map<std::string, core::Router> routers_;
  std::uint64_t lines_ = 0;
  std::uint64_t steps_ = 0;
  std::string end_;
};

} // namespace xvrrp::recording
