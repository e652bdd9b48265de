// SPDX-License-Identifier: BSD-2-Clause
// What the daemon and the process that runs scripts say to each other: one datagram each. Both are always the
// same program, but for a daemon that was handed over: kScriptProtocol tells whether they understand each
// other.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/program.hpp"

namespace xvrrp::platform {

/// Changes whenever anything in this file, or what is said with it, does.
constexpr std::uint32_t kScriptProtocol = 1;

/// The longest command: more than a line of a configuration can have.
constexpr std::size_t kLongestRequest = std::size_t{64} << 10;

/// How long a program that was told to end (SIGTERM) has for it, and how long it is waited for after SIGKILL.
constexpr auto kEndingTime = std::chrono::seconds{2};

enum class ScriptKind : std::uint32_t {
  Errand, ///< does something, which is over when it has ended
  Check,  ///< tells something by its exit code, has nothing else to say, and ends with the daemon
  Service ///< runs until it is told to end, and ends with the daemon
};

/// Run it, or end the one of that id. With the former of a Service comes a descriptor, whose flock() is held
/// while it runs.
struct ScriptRequest {
  enum class Verb : std::uint32_t { Run, End };
  Verb verb = Verb::Run;
  std::uint32_t id = 0; ///< not zero
  ScriptKind kind = ScriptKind::Errand;
  std::uint32_t time_limit_ms = 0; ///< after which it is told to end; 0: none
  Program program{};
};

struct ScriptAnswer {
  enum class Event : std::uint32_t {
    Started, ///< value: its process group
    Ended,   ///< value: as from waitpid(); a check's only within its time limit
    TooLate, ///< of a check: its time is over; otherwise: it was ended for that
    NotRun   ///< value: errno of the fork that failed. That is a check's end; others are tried again.
  };
  Event event = Event::Started;
  std::uint32_t id = 0;
  std::int32_t value = 0;
};

std::string packed(const ScriptRequest& request);
/// Absent: these are no request.
std::optional<ScriptRequest> unpacked(std::string_view bytes);

} // namespace xvrrp::platform
