// SPDX-License-Identifier: BSD-2-Clause
#include "controller/recorder.hpp"

#include <algorithm>

#include "platform/clock.hpp"
#include "recording/lines.hpp"

namespace xvrrp::controller {
namespace {

using recording::Json;

/// A client that has not asked for so long is gone.
constexpr Nanoseconds kPatience = std::chrono::seconds{3};
/// Some milliseconds of this thread.
constexpr std::size_t kLinesAtOnce = 1000;

} // namespace

Result<Json> Recorder::start(const std::vector<std::size_t>& routers, Instant now) {
  if (is_running_ && now - last_read_ < kPatience)
    return failed("somebody else is recording: an xvrrpd makes one recording at a time");
  tell_routers(0);
  ++recording_;
  is_running_ = true;
  last_read_ = now;
  routers_.clear();
  Json names = Json::array();
  for (const auto index : routers) {
    routers_.push_back(election_.routers()[index]);
    names.push_back(routers_.back()->newest_plan().instance.name);
  }
  tell_routers(recording_);
  return Json{{"schema", 1},
              {"recording", recording_},
              {"routers", names},
              {"lines", {recording::head_line(XVRRP_VERSION, now, platform::time_of_day(now))}}};
}

Result<Json> Recorder::read(std::uint32_t recording, Instant now) {
  if (!is_running_ || recording != recording_)
    return failed("there is no such recording: another one was begun");
  last_read_ = now;
  const bool overrun = election_.tape().overrun == recording; // before: nothing comes after that
  Json lines = take_lines(kLinesAtOnce);
  const bool more = lines.size() == kLinesAtOnce;
  const bool ends = overrun && !more;
  is_running_ = !ends;
  return Json{{"schema", 1}, {"lines", std::move(lines)}, {"more", more}, {"overrun", ends}};
}

Result<Json> Recorder::stop(std::uint32_t recording) {
  if (!is_running_ || recording != recording_)
    return failed("there is no such recording: another one was begun");
  tell_routers(0);
  is_running_ = false;
  return Json{{"schema", 1}, {"lines", take_lines(Tape::kSteps)}};
}

/// What is left of earlier recordings is passed over.
Json Recorder::take_lines(std::size_t most) {
  Json lines = Json::array();
  while (lines.size() < most) {
    const auto taped = election_.tape().steps.pop();
    if (!taped)
      break;
    if (taped->recording != recording_)
      continue;
    const auto& name = routers_[taped->router]->newest_plan().instance.name;
    if (const auto* step = std::get_if<TapedStep>(&taped->what))
      lines.push_back(recording::step_line(name, taped->at, step->event, step->actions));
    else
      lines.push_back(recording::router_line(name, taped->at, std::get<core::Router>(taped->what)));
  }
  return lines;
}

/// Those that are still there; `recording` 0 ends it.
void Recorder::tell_routers(std::uint32_t recording) {
  const auto& all = election_.routers();
  for (std::size_t as = 0; as < routers_.size(); ++as) {
    const auto found = std::find(all.begin(), all.end(), routers_[as]);
    if (found != all.end())
      election_.record(
          {static_cast<std::size_t>(found - all.begin()), recording, static_cast<std::uint32_t>(as)});
  }
}

} // namespace xvrrp::controller
