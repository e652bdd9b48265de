// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/addresses.hpp"

#include <algorithm>
#include <utility>

#include "sim/checkers/rfc.hpp"

namespace xvrrp::sim {
namespace {

constexpr const char* kName = "addresses";
constexpr Nanoseconds kPacing{std::chrono::milliseconds{100}};

/// Announcements of a burst of `repeat`, `elapsed` after its first one.
std::uint64_t in_burst(std::uint64_t repeat, Nanoseconds elapsed) {
  if (elapsed < Nanoseconds::zero())
    return 0;
  return std::min(repeat, 1 + static_cast<std::uint64_t>(elapsed / kPacing));
}

/// How often a Master has announced its addresses `elapsed` after entering. Bursts must not overlap.
std::uint64_t expected(const core::AnnounceSchedule& schedule, Nanoseconds elapsed) {
  std::uint64_t all = in_burst(schedule.repeat, elapsed);
  if (schedule.second_burst_delay > Nanoseconds::zero())
    all += in_burst(schedule.repeat, elapsed - schedule.second_burst_delay);
  const Nanoseconds period = schedule.refresh_interval;
  if (period > Nanoseconds::zero() && elapsed >= period) {
    const auto refreshes = elapsed / period;
    all += static_cast<std::uint64_t>(refreshes - 1) * schedule.refresh_repeat;
    all += in_burst(schedule.refresh_repeat, elapsed - period * refreshes);
  }
  return all;
}

} // namespace

void Addresses::blame(const Step& step, const std::string& what) {
  verdict_.blame(kName, step.seat, step.at, what);
}

void Addresses::configured(const Seat& seat, Moment) {
  notes_[seat] = {};
  notes_[seat].seat = &seat;
}

/// Power is off: the addresses are gone with the node.
void Addresses::gone(const Seat& seat, Moment) {
  notes_[seat] = {};
}

void Addresses::stepped(const Step& step) {
  Note& note = notes_[step.seat];
  note.uncertain |= std::holds_alternative<core::Reconfigured>(step.event);
  if (step.actions.empty())
    return;
  const auto* change = entered(step.actions);
  if (change) {
    note.master = change->to == core::State::Master;
    if (note.master) {
      note.since = step.now;
      note.announced = 0;
      note.uncertain = paused_.contains(step.seat.node);
      judge_entry(step);
    }
  }
  follow(note, step);
  if (note.installed != note.master)
    blame(step, note.master ? "is Master without the addresses (RFC 9568 6.4.3)"
                            : "has the addresses without being Master (RFC 9568 6.4.2)");
}

void Addresses::follow(Note& note, const Step& step) {
  for (const auto& action : step.actions) {
    if (std::holds_alternative<core::InstallAddresses>(action)) {
      if (std::exchange(note.installed, true))
        blame(step, "installs addresses that it has");
    } else if (std::holds_alternative<core::RemoveAddresses>(action)) {
      if (!std::exchange(note.installed, false))
        blame(step, "removes addresses that it does not have");
    } else if (std::holds_alternative<core::AnnounceAddresses>(action)) {
      ++note.announced;
      judge_announcement(note, step);
    }
  }
}

void Addresses::judge_entry(const Step& step) {
  if (count<core::AnnounceAddresses>(step.actions) != 1)
    blame(step, "announces its addresses " + std::to_string(count<core::AnnounceAddresses>(step.actions)) +
                    " times on entering Master, not once (RFC 9568 6.4.1, 6.4.2)");
}

void Addresses::judge_announcement(const Note& note, const Step& step) {
  if (!note.installed || !note.master)
    return blame(step, "announces addresses that it does not have (RFC 9568 6.4.2, 8.1.2, 8.2.2)");
  if (note.announced > expected(step.seat.config.announce, step.now - note.since + rfc::kTolerance) &&
      !note.uncertain)
    blame(step, "announces its addresses more often than configured");
}

void Addresses::paused(std::uint32_t node, Moment) {
  paused_.set(node, true);
  for (Note& note : notes_) {
    if (note.seat && note.seat->node == node)
      note.uncertain = true;
  }
}

void Addresses::resumed(std::uint32_t node, Moment) {
  paused_.set(node, false);
}

void Addresses::audited(Moment at, const std::vector<LocalClock>& clocks) {
  for (Note& note : notes_) {
    if (!note.master || !note.seat || note.uncertain)
      continue;
    const Nanoseconds elapsed = clocks[note.seat->node].at(at) - note.since - rfc::kTolerance;
    if (note.announced < expected(note.seat->config.announce, elapsed)) {
      verdict_.blame(kName, *note.seat, at, "announces its addresses less often than configured");
      note.uncertain = true;
    }
  }
}

} // namespace xvrrp::sim
