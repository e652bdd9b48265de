// SPDX-License-Identifier: BSD-2-Clause
#include "sim/checkers/effects.hpp"

#include <algorithm>
#include <utility>

namespace xvrrp::sim {
namespace {

constexpr const char* kName = "effects";
/// A lease that has run out: the router has not advertised yet.
constexpr std::uint64_t kNoLeaseYet = 1;

xv_role role_of(core::State state) {
  return state == core::State::Master   ? XV_ROLE_MASTER
         : state == core::State::Backup ? XV_ROLE_BACKUP
                                        : XV_ROLE_STOPPED;
}

/// The default of lease_ms, as docs/fence.md says it.
Nanoseconds lease(const core::RouterConfig& config) {
  const auto interval = config.advertisement_interval;
  return std::max(interval * config.down_adverts - interval / 2, interval * 5 / 4);
}

} // namespace

Effects::Note& Effects::note_of(const Seat& seat) {
  Note& note = notes_[seat];
  note.seat = &seat;
  if (!std::exchange(note.dirty, true)) {
    if (seat.node >= dirty_.size())
      dirty_.resize(seat.node + 1);
    dirty_[seat.node].push_back(seat.index);
  }
  return note;
}

void Effects::configured(const Seat& seat, Moment at) {
  gone(seat, at);
}

/// What the daemon wanted is forgotten with it.
void Effects::gone(const Seat& seat, Moment) {
  Note& note = note_of(seat);
  Note fresh;
  fresh.seat = &seat;
  fresh.role = note.role;
  fresh.installed = note.installed;
  fresh.lease_until_ns = note.lease_until_ns;
  fresh.dirty = note.dirty;
  note = fresh;
}

void Effects::stepped(const Step& step) {
  Note& note = note_of(step.seat);
  for (const auto& action : step.actions) {
    note.wants_advert |= std::holds_alternative<core::SendAdvert>(action);
    note.wants_announcement |= std::holds_alternative<core::AnnounceAddresses>(action);
  }
  const auto* change = entered(step.actions);
  if (!change)
    return;
  note.state = change->to;
  note.advertised = false;
  note.succeeded.reset();
  if (change->to == core::State::Master && change->reason == core::Reason::MasterResigned)
    note.succeeded = step.now;
}

void Effects::sent(const Seat& seat, const core::Advert&, Moment) {
  Note& note = note_of(seat);
  note.left = note.advertised = true;
}

void Effects::refused(const Seat& seat, Moment) {
  Note& note = note_of(seat);
  note.was_refused = note.advertised = true;
}

void Effects::told(const Seat& seat, xv_role role, Moment) {
  note_of(seat).role = role;
}

void Effects::leased(const Seat& seat, std::uint64_t until_ns, Instant now, Moment at) {
  Note& note = note_of(seat);
  note.renewed = true;
  if (until_ns != kNoLeaseYet && until_ns != std::exchange(note.lease_until_ns, until_ns)) {
    const auto& config = seat.config;
    const bool by_advert = note.left && until_ns == to_ns(now + lease(config));
    // The last advert of a daemon that hands over, which no step asked for.
    const bool by_last =
        note.left && !note.wants_advert &&
        until_ns == to_ns(now + std::max(lease(config), config.advertisement_interval * config.down_adverts));
    const bool by_succession = note.succeeded && until_ns == to_ns(*note.succeeded + lease(config));
    if (!by_advert && !by_last && !by_succession)
      verdict_.blame(kName, seat, at,
                     note.left ? "has a lease of another length than its advert says"
                               : "renews its lease without an advert that left");
  }
  note.lease_until_ns = until_ns;
}

void Effects::addressed(const Seat& seat, bool installed, Moment) {
  note_of(seat).installed = installed;
}

void Effects::announced(const Seat& seat, Moment at) {
  Note& note = note_of(seat);
  note.announced = true;
  if (!note.installed || note.state != core::State::Master)
    verdict_.blame(kName, seat, at,
                   "announces addresses that are not on its interface (RFC 9568 8.1.2, 8.2.2)");
  if (!note.advertised)
    verdict_.blame(kName, seat, at, "announces its addresses before its first advert (RFC 9568 6.4.2)");
}

void Effects::rested(std::uint32_t node, Moment at) {
  if (node >= dirty_.size())
    return;
  for (const auto index : dirty_[node])
    judge(*(notes_.begin() + index), at);
  dirty_[node].clear();
}

void Effects::judge(Note& note, Moment at) {
  const auto blame = [&](const char* what) { verdict_.blame(kName, *note.seat, at, what); };
  const bool is_master = note.state == core::State::Master;
  if (note.role != role_of(note.state))
    blame("the data plane has another role of it than it has");
  if (note.installed != is_master)
    blame(is_master ? "is Master, and its addresses are not on the interface"
                    : "is not Master, and its addresses are on the interface");
  if (note.wants_advert && !note.left && !note.was_refused)
    blame("an advert did not leave, nor was it refused");
  if (!note.wants_advert && note.left)
    blame("an advert left that nobody wanted");
  if (is_master && note.left && !note.renewed)
    blame("an advert left, and its lease was not renewed");
  if (is_master && note.wants_announcement && !note.announced)
    blame("addresses were not announced");
  note.dirty = note.wants_advert = note.left = note.was_refused = note.renewed = false;
  note.wants_announcement = note.announced = false;
  note.succeeded.reset();
}

} // namespace xvrrp::sim
