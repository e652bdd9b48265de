// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/takeover_time.hpp"

#include <algorithm>
#include <string>

#include "sim/checkers/rfc.hpp"

namespace xvrrp::sim {
namespace {

constexpr const char* kName = "takeover-time";
constexpr Nanoseconds kRetry{std::chrono::milliseconds{2}};

std::string ns(Nanoseconds duration) {
  return std::to_string(duration.count()) + " ns";
}

} // namespace

void TakeoverTime::configured(const Seat& seat, Moment) {
  notes_[seat] = {};
  notes_[seat].seat = &seat;
}

void TakeoverTime::gone(const Seat& seat, Moment) {
  notes_[seat] = {};
}

void TakeoverTime::restart(Note& note, const Seat& seat, Instant from, Nanoseconds interval) {
  note.interval = interval;
  note.earliest = note.latest = from + rfc::master_down_interval(seat.config, interval);
}

/// Of the Master that was heard last, and never later: decision 0036.
void TakeoverTime::resign(Note& note, const Seat& seat, const core::Advert& advert, Instant arrival) {
  if (note.master && *note.master != advert.source)
    return;
  const Instant skewed = arrival + rfc::skew_time(seat.config, note.interval);
  note.earliest = std::min(note.earliest, skewed);
  if (note.master)
    note.latest = std::min(note.latest, skewed);
}

void TakeoverTime::heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) {
  Note& note = notes_[seat];
  const Instant earliest = note.earliest;
  const Instant latest = note.latest;
  const auto lower_since = note.lower_since;
  const bool superfluous = note.superfluous.hears(seat.config, note.state, advert, arrival);
  if (note.state != core::State::Backup)
    return;
  if (paused_.contains(seat.node)) {
    note.missed |= arrival > note.earliest;
  } else if (arrival > note.latest + rfc::kTolerance) {
    if (!note.missed && !note.uncertain && !has_just_woken(seat, at))
      verdict_.blame(kName, seat, at,
                     "still Backup " + ns(arrival - note.latest) +
                         " after Master_Down_Timer ran out (RFC 9568 6.4.2)");
    note.missed = true;
  }

  // A superfluous advert may be heeded all the same, as this is a SHOULD.
  if (advert.priority == 0)
    resign(note, seat, advert, arrival);
  else if (advert.priority < seat.config.priority)
    hear_lower(note, seat, advert, arrival);
  else {
    restart(note, seat, arrival, superfluous ? note.interval : rfc::learned_interval(seat.config, advert));
    note.lower_since.reset();
    note.lower_first.reset();
  }
  if (superfluous)
    note.master.reset();
  else if (advert.priority != 0)
    note.master = advert.source;
  if (superfluous) {
    note.lower_since = lower_since;
    note.earliest = std::min(note.earliest, earliest);
    note.latest = std::max(note.latest, latest);
  }
}

void TakeoverTime::hear_lower(Note& note, const Seat& seat, const core::Advert& advert, Instant arrival) {
  const auto& config = seat.config;
  const Nanoseconds interval = rfc::learned_interval(config, advert);
  if (!rfc::preempts(config))
    return restart(note, seat, arrival, interval);
  if (rfc::is_owner(config) || config.preempt_delay == Nanoseconds::zero())
    return; // discarded: RFC 9568 6.4.2
  if (!note.lower_first)
    note.lower_first = arrival;
  if (!note.lower_since)
    note.lower_since = arrival;
  const Instant over = *note.lower_since + config.preempt_delay;
  if (arrival < *note.lower_first + config.preempt_delay - rfc::kTolerance)
    return restart(note, seat, arrival, interval);
  if (arrival <= over + rfc::kTolerance) { // at the same moment: either order
    const Instant earliest = note.earliest;
    restart(note, seat, arrival, interval);
    note.earliest = earliest;
  }
}

/// It may not know yet that preempt_delay runs.
void TakeoverTime::limited(const Seat& seat, Moment) {
  notes_[seat].uncertain |= seat.config.preempt_delay > Nanoseconds::zero();
}

void TakeoverTime::stepped(const Step& step) {
  Note& note = notes_[step.seat];
  if (std::holds_alternative<core::Startup>(step.event) && note.state == core::State::Init && !note.start_due)
    note.start_due = step.now + step.seat.config.startup_delay;
  if (std::holds_alternative<core::Shutdown>(step.event))
    note.start_due.reset();
  note.uncertain |= std::holds_alternative<core::Reconfigured>(step.event);
  if (const auto* change = entered(step.actions))
    enter(note, step, change->to);
}

void TakeoverTime::enter(Note& note, const Step& step, core::State to) {
  const bool is_resumed = std::holds_alternative<core::Resumed>(step.event);
  if (note.state == core::State::Init && !is_resumed)
    judge_start(note, step, to);
  if (note.state == core::State::Backup && to == core::State::Master)
    judge_takeover(note, step);
  note.state = to;
  note.start_due.reset();
  if (to != core::State::Backup)
    return;
  note.lower_since.reset();
  note.lower_first.reset();
  note.master.reset();
  // While a node catches up, its data plane has heard more than this step knows of.
  note.uncertain = is_resumed || paused_.contains(step.seat.node);
  note.missed = false;
  const auto* yielded = std::get_if<core::AdvertReceived>(&step.event);
  if (yielded)
    note.master = yielded->advert.source;
  restart(note, step.seat, step.now,
          yielded ? rfc::learned_interval(step.seat.config, yielded->advert)
                  : std::max(step.seat.config.advertisement_interval, core::kShortestAnnounced));
}

void TakeoverTime::judge_takeover(Note& note, const Step& step) {
  if (note.missed || note.uncertain)
    return;
  if (step.now < note.earliest - rfc::kRounding)
    verdict_.blame(kName, step.seat, step.at,
                   "took over " + ns(note.earliest - step.now) +
                       " before Master_Down_Timer ran out (RFC 9568 6.4.2, 6.1)");
  if (step.now > note.latest + rfc::kTolerance && !paused_.contains(step.seat.node) &&
      !has_just_woken(step.seat, step.at))
    verdict_.blame(kName, step.seat, step.at,
                   "took over " + ns(step.now - note.latest) +
                       " after Master_Down_Timer ran out (RFC 9568 6.4.2, 6.1)");
}

void TakeoverTime::judge_start(Note& note, const Step& step, core::State to) {
  if (to == core::State::Fault)
    return;
  const bool late = note.start_due && step.now > *note.start_due + rfc::kTolerance;
  if (!note.start_due || step.now < *note.start_due || (late && !paused_.contains(step.seat.node)))
    verdict_.blame(kName, step.seat, step.at, "left Init at the wrong time (RFC 9568 6.4.1)");
}

void TakeoverTime::paused(std::uint32_t node, Moment) {
  paused_.set(node, true);
  for (Note& note : notes_) {
    // The end of preempt_delay is noticed when the node wakes up, and what is heard until then counts as
    // before it.
    if (note.seat && note.seat->node == node && note.seat->config.preempt_delay > Nanoseconds::zero())
      note.uncertain = true;
  }
}

void TakeoverTime::resumed(std::uint32_t node, Moment at) {
  paused_.set(node, false);
  if (node >= woke_.size())
    woke_.resize(node + 1);
  woke_[node] = at;
}

/// The ring was full, and the data plane tries again (XV_RING_RETRY_NS).
bool TakeoverTime::has_just_woken(const Seat& seat, Moment at) const {
  return seat.node < woke_.size() && at - woke_[seat.node] <= kRetry;
}

void TakeoverTime::audited(Moment at, const std::vector<LocalClock>& clocks) {
  for (Note& note : notes_) {
    if (!note.seat || paused_.contains(note.seat->node) || note.missed || note.uncertain)
      continue;
    const Instant now = clocks[note.seat->node].at(at);
    const bool silent = note.state == core::State::Backup && now > note.latest + rfc::kTolerance;
    const bool waiting =
        note.state == core::State::Init && note.start_due && now > *note.start_due + rfc::kTolerance;
    if (silent || waiting) {
      verdict_.blame(kName, *note.seat, at,
                     silent ? "never took over (RFC 9568 6.4.2)" : "never left Init (RFC 9568 6.4.1)");
      note.missed = true;
    }
  }
}

} // namespace xvrrp::sim
