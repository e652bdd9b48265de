// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/succession.hpp"

#include <algorithm>

#include "sim/checkers/rfc.hpp"
#include "sim/checkers/seats.hpp"

namespace xvrrp::sim {
namespace {

constexpr const char* kName = "succession";

/// Clocks that are off by no more than 200 ppm.
Nanoseconds drift(Nanoseconds duration) {
  return duration / 5000 + rfc::kTolerance;
}

/// How long after the last advert of `lost` this Backup takes over.
Nanoseconds patience(const Seat& backup, const Seat& lost, bool resigned) {
  const Nanoseconds interval =
      rfc::is_v2(backup.config) ? backup.config.advertisement_interval : lost.config.advertisement_interval;
  return resigned ? rfc::skew_time(backup.config, interval)
                  : rfc::master_down_interval(backup.config, interval);
}

} // namespace

Succession::Vacancy& Succession::vacancy(const Seat& seat) {
  if (seat.group >= vacancies_.size())
    vacancies_.resize(seat.group + 1);
  return vacancies_[seat.group];
}

void Succession::configured(const Seat& seat, Moment at) {
  vacancy(seat).open = false;
  roll_.configured(seat, at);
}

void Succession::gone(const Seat& seat, Moment at) {
  open(seat, false, at);
  roll_.gone(seat, at);
}

void Succession::broken(Moment at) {
  for (auto& vacancy : vacancies_)
    vacancy.open = false;
  roll_.broken(at);
}

void Succession::stepped(const Step& step) {
  if (std::holds_alternative<core::Shutdown>(step.event))
    open(step.seat, true, step.at);
  else if (comes_from_outside(step.event))
    vacancy(step.seat).open = false;
  else if (const auto* change = entered(step.actions); change && change->to == core::State::Master)
    judge(vacancy(step.seat), step);
  roll_.stepped(step);
}

void Succession::open(const Seat& lost, bool resigned, Moment at) {
  Vacancy& next = vacancy(lost);
  next = {};
  const auto& group = roll_.group(lost);
  const auto* master = Roll::only_master(group);
  if (!roll_.settled(group, at) || !master || master->seat != &lost || !master->advertised)
    return;
  // Reordered, the last advert would arrive after the goodbye and undo it.
  if (resigned && at - *master->advertised <= propagation_)
    return;
  const Moment last = resigned ? at : *master->advertised;
  Nanoseconds shortest = Nanoseconds::max(), second = Nanoseconds::max();
  for (const auto& member : group.members) {
    if (member.state != core::State::Backup)
      continue;
    const Nanoseconds waits = patience(*member.seat, lost, resigned);
    if (waits < shortest) {
      second = shortest;
      shortest = waits;
      next.best = member.seat;
    } else {
      second = std::min(second, waits);
    }
  }
  if (!next.best)
    return;
  next.open = true;
  next.earliest = last + shortest - drift(shortest);
  next.latest = last + propagation_ + shortest + drift(shortest);
  // The last advert reaches one Backup sooner than the other, and then the winner's takes its time. A goodbye
  // that the winner's advert overtakes would undo it.
  const bool overtaken = resigned && shortest <= propagation_;
  const bool distinct =
      second == Nanoseconds::max() || second - shortest > 2 * (propagation_ + drift(second));
  next.alone = distinct && !overtaken;
}

void Succession::judge(Vacancy& vacancy, const Step& step) {
  if (!vacancy.open)
    return;
  if (!vacancy.taken) {
    ++successions_;
    if (step.at < vacancy.earliest)
      verdict_.blame(kName, step.seat, step.at, "takes over too soon (RFC 9568 6.1)");
    complain_if_late(vacancy, step.at);
    vacancy.taken = true;
    vacancy.together_until = step.at + propagation_;
    if (vacancy.alone && &step.seat != vacancy.best)
      verdict_.blame(kName, step.seat, step.at,
                     "takes over though another's Skew_Time is shorter (RFC 9568 6.1)");
    return;
  }
  // Later, a Backup may have learned another interval of a Master that came in between.
  if (vacancy.alone && step.at <= vacancy.together_until)
    verdict_.blame(kName, step.seat, step.at, "takes over, too (RFC 9568 6.1, 6.4.2)");
}

void Succession::complain_if_late(Vacancy& vacancy, Moment at) {
  if (!vacancy.open || vacancy.taken || at <= vacancy.latest)
    return;
  verdict_.blame(kName, *vacancy.best, vacancy.latest,
                 "nobody took over within Master_Down_Interval and propagation (RFC 9568 6.1, 6.4.2)");
  vacancy.taken = true;
}

void Succession::audited(Moment at, const std::vector<LocalClock>&) {
  for (auto& vacancy : vacancies_)
    complain_if_late(vacancy, at);
}

} // namespace xvrrp::sim
