// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/advertising.hpp"

#include <algorithm>

#include "sim/checkers/rfc.hpp"

namespace xvrrp::sim {
namespace {

constexpr const char* kName = "advertising";

/// Answers to losing adverts may be limited to one in this time, or in half an interval.
constexpr Nanoseconds kAnswerLimit{std::chrono::milliseconds{10}};

} // namespace

void Advertising::blame(const Step& step, const std::string& what) {
  verdict_.blame(kName, step.seat, step.at, what);
}

void Advertising::configured(const Seat& seat, Moment) {
  notes_[seat] = {};
  notes_[seat].seat = &seat;
}

void Advertising::gone(const Seat& seat, Moment) {
  notes_[seat] = {};
}

Advertising::Said Advertising::said_in(const Step& step) {
  Said said;
  for (const auto& action : step.actions) {
    const auto* advert = std::get_if<core::SendAdvert>(&action);
    if (!advert)
      continue;
    ++(advert->priority == 0 ? said.goodbyes : said.ours);
    said.foreign_priority |= advert->priority != 0 && advert->priority != step.seat.config.priority;
  }
  return said;
}

void Advertising::stepped(const Step& step) {
  Note& note = notes_[step.seat];
  const Said said = said_in(step);
  if (said.foreign_priority)
    blame(step, "advertises another priority than its own (RFC 9568 5.2.4)");
  const auto* change = entered(step.actions);
  const bool enters = change && change->to == core::State::Master;
  const bool leaves = note.master && change && change->to != core::State::Master;
  if (enters)
    judge_first(note, step, said);
  else if (leaves)
    judge_last(step, said);
  else if (note.master)
    judge_master(note, step, said);
  else if (said.ours + said.goodbyes > 0)
    blame(step, "advertises without being Master (RFC 9568 6.4.1, 6.4.2)");
  if (change)
    note.master = enters;
}

/// RFC 9568 6.4.2: the advert comes first; it is what stops the other Backups.
void Advertising::judge_first(Note& note, const Step& step, const Said& said) {
  if (said.ours != 1 || said.goodbyes != 0 || !std::holds_alternative<core::SendAdvert>(step.actions[0]))
    blame(step, "does not begin its mastership with one advert (RFC 9568 6.4.1, 6.4.2)");
  note.answered.reset();
  begin_period(note, step);
}

void Advertising::begin_period(Note& note, const Step& step) {
  note.due = note.due_at_latest = step.now + step.seat.config.advertisement_interval;
  note.blamed = false;
}

/// RFC 9568 6.4.3: priority 0 on Shutdown; nothing for one who outranks us, but keepalived's users may want
/// it.
void Advertising::judge_last(const Step& step, const Said& said) {
  if (std::holds_alternative<core::AdvertReceived>(step.event)) {
    const std::size_t allowed = step.seat.config.advertise_when_yielding ? 1 : 0;
    if (said.goodbyes != 0 || said.ours > allowed)
      blame(step, "advertises while it yields (RFC 9568 6.4.3)");
  } else if (said.goodbyes != 1 || said.ours != 0) {
    blame(step, "does not say goodbye with one advert of priority 0 (RFC 9568 6.4.3)");
  }
}

void Advertising::judge_master(Note& note, const Step& step, const Said& said) {
  if (said.goodbyes != 0)
    blame(step, "says goodbye and stays (RFC 9568 6.4.3)");
  if (said.ours > 1)
    blame(step, "advertises twice at once");
  if (const auto* received = std::get_if<core::AdvertReceived>(&step.event)) {
    judge_answer(note, step, received->advert, said);
  } else if (std::holds_alternative<core::TimerExpired>(step.event)) {
    if (said.ours > 0)
      judge_period(note, step);
  } else if (std::holds_alternative<core::Reconfigured>(step.event)) {
    if (said.ours == 0)
      blame(step, "does not say at once what a reload has changed");
    begin_period(note, step);
  } else if (said.ours > 0) {
    blame(step, "advertises for no reason");
  }
  complain_if_silent(note, step.seat, step.now, step.at);
}

void Advertising::judge_answer(Note& note, const Step& step, const core::Advert& advert, const Said& said) {
  const auto& config = step.seat.config;
  if (advert.priority == 0) {
    // RFC 9568 8.4.2: of two versions of one goodbye, one will do.
    if (said.ours == 0 && !(config.v2_interop && advert.version == core::Version::V2))
      blame(step, "does not advertise at once after priority 0 (RFC 9568 6.4.3)");
    if (said.ours > 0)
      begin_period(note, step);
    return;
  }
  const Nanoseconds limit = std::min(kAnswerLimit, config.advertisement_interval / 2);
  const bool just_answered = note.answered && step.now - *note.answered < limit;
  const bool may_ignore = config.v2_interop && advert.version == core::Version::V2;
  if (said.ours == 0 && config.answer_lower_priority && !just_answered && !may_ignore)
    blame(step, "does not answer a losing advert (RFC 9568 6.4.3)");
  if (said.ours > 0 && just_answered)
    blame(step, "answers losing adverts without limit");
  if (said.ours > 0)
    note.answered = step.now;
}

void Advertising::judge_period(Note& note, const Step& step) {
  const Nanoseconds interval = step.seat.config.advertisement_interval;
  if (step.now < note.due - rfc::kTolerance)
    blame(step, "advertises before Adver_Timer runs out (RFC 9568 6.4.3)");
  complain_if_silent(note, step.seat, step.now, step.at);
  if (paused_.contains(step.seat.node)) { // it may have been due long ago, and the period go on from there
    note.due = std::min(std::max(note.due + interval, step.now), step.now + interval);
    note.due_at_latest = step.now + interval;
  } else {
    note.due = note.due_at_latest = (note.due == note.due_at_latest ? note.due : step.now) + interval;
  }
  note.blamed = false;
}

void Advertising::complain_if_silent(Note& note, const Seat& seat, Instant now, Moment at) {
  if (note.blamed || paused_.contains(seat.node) || now <= note.due_at_latest + rfc::kTolerance)
    return;
  verdict_.blame(kName, seat, at, "is Master and does not advertise (RFC 9568 6.4.3)");
  note.blamed = true;
}

void Advertising::paused(std::uint32_t node, Moment) {
  paused_.set(node, true);
}

void Advertising::resumed(std::uint32_t node, Moment) {
  paused_.set(node, false);
}

void Advertising::audited(Moment at, const std::vector<LocalClock>& clocks) {
  for (Note& note : notes_) {
    if (note.seat && note.master)
      complain_if_silent(note, *note.seat, clocks[note.seat->node].at(at), at);
  }
}

} // namespace xvrrp::sim
