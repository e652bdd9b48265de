// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/state_machine.hpp"

#include "recording/text.hpp"
#include "sim/checkers/rfc.hpp"
#include "sim/trace.hpp"

namespace xvrrp::sim {
namespace {

using core::State;

constexpr const char* kName = "state-machine";

template <typename T>
bool is(const core::Event& event) {
  return std::holds_alternative<T>(event);
}

} // namespace

void StateMachine::configured(const Seat& seat, Moment) {
  notes_[seat] = {};
  notes_[seat].source = seat.config.primary_address;
}

void StateMachine::gone(const Seat& seat, Moment) {
  notes_[seat] = {};
}

void StateMachine::heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment) {
  Note& note = notes_[seat];
  note.superfluous.hears(seat.config, note.state, advert, arrival);
}

void StateMachine::stepped(const Step& step) {
  Note& note = notes_[step.seat];
  if (is<core::FaultRaised>(step.event))
    note.faulty = true;
  if (is<core::FaultCleared>(step.event))
    note.faulty = false;
  if (const auto* changed = std::get_if<core::SourceChanged>(&step.event))
    note.source = changed->address;
  const auto* change = entered(step.actions);
  const State to = change ? change->to : note.state;
  if (change && (change->from != note.state || count<core::StateEntered>(step.actions) != 1))
    verdict_.blame(kName, step.seat, step.at, "reports a transition from a state it is not in");
  if (!may_follow(note, step, to))
    verdict_.blame(kName, step.seat, step.at,
                   std::string("goes from ") + core::name(note.state) + " to " + core::name(to) + " on " +
                       recording::text(step.event) + " (RFC 9568 6.4)");
  note.state = to;
}

bool StateMachine::may_follow(const Note& note, const Step& step, State to) const {
  const bool owner = rfc::is_owner(step.seat.config);
  switch (note.state) {
  case State::Init:
    return may_follow_init(note, step, to);
  case State::Backup:
    if (is<core::Shutdown>(step.event))
      return to == State::Init;
    if (is<core::FaultRaised>(step.event))
      return to == State::Fault;
    return to == State::Backup || (to == State::Master && is<core::TimerExpired>(step.event));
  case State::Master:
    return may_follow_master(note, step, to);
  case State::Fault:
    if (is<core::Shutdown>(step.event))
      return to == State::Init;
    if (is<core::FaultCleared>(step.event))
      return to == (owner ? State::Master : State::Backup);
    return to == State::Fault;
  }
  return false;
}

/// RFC 9568 6.4.1: the owner becomes Master, everybody else Backup.
bool StateMachine::may_follow_init(const Note& note, const Step& step, State to) const {
  const State started = note.faulty                       ? State::Fault
                        : rfc::is_owner(step.seat.config) ? State::Master
                                                          : State::Backup;
  const bool delayed = step.seat.config.startup_delay > Nanoseconds::zero();
  if (is<core::Startup>(step.event))
    return to == (delayed ? State::Init : started);
  if (is<core::Resumed>(step.event))
    return to == started || (!note.faulty && (to == State::Master || to == State::Backup));
  return to == State::Init || (delayed && is<core::TimerExpired>(step.event) && to == started);
}

/// RFC 9568 6.4.3; "In the Active state, the Preempt_Mode Flag is not considered".
bool StateMachine::may_follow_master(const Note& note, const Step& step, State to) const {
  if (is<core::Shutdown>(step.event))
    return to == State::Init;
  if (is<core::FaultRaised>(step.event))
    return to == State::Fault;
  const auto* received = std::get_if<core::AdvertReceived>(&step.event);
  if (!received)
    return to == State::Master;
  const auto& advert = received->advert;
  const bool outranked = advert.priority != 0 && rfc::outranks(advert.priority, advert.source,
                                                               step.seat.config.priority, note.source);
  // RFC 9568 8.4.2 speaks of Backups, but a Master that hears both versions may do without v2, too.
  const bool may_ignore = note.superfluous.is(advert, step.now);
  return to == (outranked ? State::Backup : State::Master) || (may_ignore && to == State::Master);
}

} // namespace xvrrp::sim
