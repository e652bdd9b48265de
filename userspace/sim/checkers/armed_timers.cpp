// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/armed_timers.hpp"

#include <string>
#include <utility>

namespace xvrrp::sim {
namespace {

using core::State;
using core::TimerId;

} // namespace

void ArmedTimers::configured(const Seat& seat, Moment) {
  notes_[seat] = {};
}

void ArmedTimers::gone(const Seat& seat, Moment) {
  notes_[seat] = {};
}

void ArmedTimers::stepped(const Step& step) {
  Note& note = notes_[step.seat];
  const auto slot = [&](TimerId id) -> auto& {
    return note.armed[static_cast<std::size_t>(id)];
  };
  if (const auto* expired = std::get_if<core::TimerExpired>(&step.event)) {
    // Who kept the timer has let go of it.
    if (slot(expired->timer) == expired->generation)
      slot(expired->timer).reset();
  } else if (std::holds_alternative<core::Startup>(step.event) ||
             std::holds_alternative<core::Resumed>(step.event)) {
    note.started = true;
  } else if (std::holds_alternative<core::Shutdown>(step.event)) {
    note.started = false;
  }
  for (const auto& action : step.actions) {
    if (const auto* arm = std::get_if<core::ArmTimer>(&action))
      slot(arm->timer) = arm->generation;
    else if (const auto* stop = std::get_if<core::StopTimer>(&action))
      slot(stop->timer).reset();
    else if (const auto* change = std::get_if<core::StateEntered>(&action))
      note.state = change->to;
  }
  if (is_as_needed(note, step.seat)) {
    note.blamed = false;
  } else if (!std::exchange(note.blamed, true)) {
    verdict_.blame("armed-timers", step.seat, step.at,
                   std::string("has not the timers that ") + core::name(note.state) +
                       " needs, or others (RFC 9568 6.4)");
  }
}

bool ArmedTimers::is_as_needed(const Note& note, const Seat& seat) {
  const bool delayed =
      note.state == State::Init && note.started && seat.config.startup_delay > Nanoseconds::zero();
  return is_armed(note, TimerId::MasterDown) == (note.state == State::Backup) &&
         is_armed(note, TimerId::Advertisement) == (note.state == State::Master) &&
         is_armed(note, TimerId::StartupDelay) == delayed &&
         (!is_armed(note, TimerId::PreemptDelay) || note.state == State::Backup) &&
         (!is_armed(note, TimerId::Announce) || note.state == State::Master);
}

} // namespace xvrrp::sim
