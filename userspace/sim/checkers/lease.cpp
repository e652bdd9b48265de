// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/lease.hpp"

#include <string>

#include "sim/checkers/rfc.hpp"

namespace xvrrp::sim {
namespace {

constexpr const char* kName = "lease";

/// Clocks that are off by no more than 200 ppm.
Nanoseconds drift(Nanoseconds duration) {
  return duration / 5000 + rfc::kTolerance;
}

} // namespace

Lease::Note& Lease::note_of(const Seat& seat) {
  if (seat.group >= groups_.size())
    groups_.resize(seat.group + 1);
  auto& group = groups_[seat.group];
  if (seat.node >= group.size())
    group.resize(seat.node + 1);
  group[seat.node].seat = &seat;
  return group[seat.node];
}

void Lease::told(const Seat& seat, xv_role role, Moment) {
  note_of(seat).master = role == XV_ROLE_MASTER;
}

void Lease::leased(const Seat& seat, std::uint64_t until_ns, Instant now, Moment at) {
  Note& note = note_of(seat);
  note.leased.reset();
  if (until_ns <= to_ns(now))
    return;
  note.leased = at;
  note.term = instant_from_ns(until_ns) - now;
}

void Lease::sent(const Seat& seat, const core::Advert& advert, Moment at) {
  Note& note = note_of(seat);
  note.left.reset();
  if (advert.priority != 0)
    note.left = at;
}

void Lease::heard(const Seat& seat, const core::Advert& advert, Instant, Moment at) {
  // v2 beside v3 may be superfluous; the timer is not moved then.
  const bool counts = !(seat.config.v2_interop && advert.version == core::Version::V2);
  const bool obeyed = advert.priority >= seat.config.priority || !rfc::preempts(seat.config);
  if (!counts)
    return;
  Note& note = note_of(seat);
  if (advert.priority == 0) {
    note.heard_from.reset(); // of whoever was heard last, if it was not obeyed: docs/simulator.md
  } else if (paused_.contains(seat.node)) {
    note.heard_from.reset(); // it arrived who knows when
  } else if (obeyed) {
    note.heard_from = advert.source;
    note.heard_at = at;
  } else if (seat.config.preempt_delay > Nanoseconds::zero()) {
    note.heard_from.reset(); // it may be obeyed, too
  }
}

void Lease::paused(std::uint32_t node, Moment) {
  paused_.set(node, true);
}

void Lease::resumed(std::uint32_t node, Moment) {
  paused_.set(node, false);
}

void Lease::stepped(const Step& step) {
  const auto* change = entered(step.actions);
  if (!change && !std::holds_alternative<core::Reconfigured>(step.event))
    return;
  Note& note = note_of(step.seat);
  if (change && change->to == core::State::Master) {
    note.left.reset(); // those of an earlier time
    if (change->reason == core::Reason::MasterSilent) {
      for (const auto& other : groups_[step.seat.group]) {
        if (other.seat && other.seat != &step.seat)
          judge(step, note, other);
      }
    }
  }
  note.heard_from.reset();
}

void Lease::judge(const Step& step, const Note& backup, const Note& master) {
  const auto& config = step.seat.config;
  const auto& theirs = master.seat->config;
  if (!master.master || !master.left || backup.heard_from != theirs.primary_address ||
      backup.heard_at < *master.left || config.version != theirs.version ||
      config.down_adverts < theirs.down_adverts)
    return;
  ++judged_;
  if (!master.leased || *master.leased + master.term - drift(master.term) <= step.at)
    return;
  verdict_.blame(kName, step.seat, step.at,
                 "takes over from node " + std::to_string(master.seat->node) +
                     ", which may be believed to be Master for another " +
                     std::to_string((*master.leased + master.term - step.at).count()) + " ns");
}

} // namespace xvrrp::sim
