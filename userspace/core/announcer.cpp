// SPDX-License-Identifier: BSD-2-Clause
#include "core/announcer.hpp"

#include <algorithm>

#include "core/timers.hpp"

namespace xvrrp::core {

void Announcer::start(Instant now) {
  last_ = now;
  left_ = schedule_.repeat - 1u;
  second_repeat_ = schedule_.repeat;
  last_contest_.reset();
  if (schedule_.second_burst_delay > Nanoseconds::zero())
    second_burst_ = now + schedule_.second_burst_delay;
  if (schedule_.refresh_interval > Nanoseconds::zero())
    refresh_ = now + schedule_.refresh_interval;
}

bool Announcer::contest(Instant now) {
  if (schedule_.contested_repeat == 0 || (last_contest_ && now - *last_contest_ < kContestPacing))
    return false;
  last_ = now;
  last_contest_ = now;
  left_ = std::max(left_, schedule_.contested_repeat - 1u);
  if (schedule_.contested_delay > Nanoseconds::zero()) {
    second_burst_ = now + schedule_.contested_delay;
    second_repeat_ = schedule_.contested_repeat;
  }
  return true;
}

void Announcer::adopt(const AnnounceSchedule& schedule, Instant now) {
  if (schedule.refresh_interval == Nanoseconds::zero())
    refresh_.reset();
  else if (schedule.refresh_interval != schedule_.refresh_interval)
    refresh_ = now + schedule.refresh_interval;
  schedule_ = schedule;
}

void Announcer::announced(Instant now) {
  last_ = now;
  if (left_ > 0)
    --left_;
  else
    begin_due_bursts(now);
}

/// A refresh that falls into the second burst is part of it.
void Announcer::begin_due_bursts(Instant now) {
  if (second_burst_ && *second_burst_ <= now) {
    left_ = second_repeat_ - 1u;
    second_burst_.reset();
  }
  if (refresh_ && *refresh_ <= now) {
    left_ = std::max(left_, schedule_.refresh_repeat - 1u);
    refresh_ = next_due(*refresh_, schedule_.refresh_interval, now);
  }
}

std::optional<Instant> Announcer::next() const {
  const Instant paced = last_ + kAnnouncePacing;
  if (left_ > 0)
    return paced;
  if (!second_burst_ && !refresh_)
    return std::nullopt;
  return std::max(paced, std::min(second_burst_.value_or(Instant::max()), refresh_.value_or(Instant::max())));
}

} // namespace xvrrp::core
