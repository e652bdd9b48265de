// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/roll.hpp"

#include <algorithm>

#include "sim/checkers/rfc.hpp"
#include "sim/checkers/seats.hpp"
#include "sim/scenario.hpp"

namespace xvrrp::sim {

bool comes_from_outside(const core::Event& event) {
  return !std::holds_alternative<core::AdvertReceived>(event) &&
         !std::holds_alternative<core::TimerExpired>(event);
}

void Roll::configured(const Seat& seat, Moment at) {
  if (seat.group >= groups_.size())
    groups_.resize(seat.group + 1);
  Group& group = groups_[seat.group];
  if (seat.node >= group.members.size())
    group.members.resize(seat.node + 1);
  group.members[seat.node] = {&seat, core::State::Init, {}};
  group.changed = at;
  group.settle_time = settle_time(group);
}

void Roll::gone(const Seat& seat, Moment at) {
  member(seat).state = core::State::Init;
  group(seat).changed = at;
}

void Roll::stepped(const Step& step) {
  if (comes_from_outside(step.event))
    group(step.seat).changed = step.at;
  if (std::holds_alternative<core::Reconfigured>(step.event))
    group(step.seat).settle_time = settle_time(group(step.seat));
  if (const auto* change = entered(step.actions))
    member(step.seat).state = change->to;
}

void Roll::sent(const Seat& seat, const core::Advert& advert, Moment at) {
  if (advert.priority != 0)
    member(seat).advertised = at;
}

void Roll::healed(Moment at) {
  broken_ = false;
  healed_ = at;
}

Moment Roll::clear_since(const Group& group) const {
  return std::max(group.changed, healed_) + kLongestDelay;
}

const Roll::Member* Roll::only_master(const Group& group) {
  const Member* found = nullptr;
  for (const auto& member : group.members) {
    if (member.state != core::State::Master)
      continue;
    if (found)
      return nullptr;
    found = &member;
  }
  return found;
}

/// How long an election can take: a start is delayed; the Master turns out to be dead after a
/// Master_Down_Interval; whoever wants to preempt waits preempt_delay and then for its own timer; packets of
/// before are still under way.
Nanoseconds Roll::settle_time(const Group& group) {
  Nanoseconds interval{}, down{}, startup{}, preempt{};
  for (const auto& member : group.members) {
    if (member.seat)
      interval = std::max(interval, member.seat->config.advertisement_interval);
  }
  for (const auto& member : group.members) {
    if (!member.seat)
      continue;
    const auto& config = member.seat->config;
    down = std::max(down, rfc::master_down_interval(config, interval));
    startup = std::max(startup, config.startup_delay);
    preempt = std::max(preempt, config.preempt_delay);
  }
  return startup + 2 * down + preempt + interval + 2 * kLongestDelay;
}

} // namespace xvrrp::sim
