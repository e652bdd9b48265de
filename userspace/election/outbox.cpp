// SPDX-License-Identifier: BSD-2-Clause
#include "election/outbox.hpp"

namespace xvrrp::election {

// ---- adverts ----

void Outbox::advert(const PendingAdvert& advert) noexcept {
  if (room_.adverts.full())
    flush_adverts();
  room_.adverts.push(advert);
}

void Outbox::flush_adverts() noexcept {
  if (room_.adverts.empty())
    return;
  const auto now = effects_.now();
  effects_.send_adverts({room_.adverts.begin(), room_.adverts.size()});
  for (const auto& advert : room_.adverts)
    note(advert, now);
  room_.adverts.clear();
}

/// An advert that the kernel refused is none: nobody hears that we are Master. With several unicast peers one
/// that it took counts: to that peer we are.
void Outbox::note(const PendingAdvert& advert, Instant sent) noexcept {
  auto& router = *advert.router;
  auto& counters = router.counters();
  counters.advert_error = advert.error;
  counters.adverts_refused += advert.error != 0;
  refused_ |= advert.error != 0;
  if (advert.left) {
    ++counters.adverts_sent;
    counters.priority_zero_sent += advert.priority == core::kPriorityStopping;
    if (advert.lease > Nanoseconds::zero())
      renew_lease(router, sent, advert.lease);
    if (advert.priority != core::kPriorityStopping)
      defend(router, sent);
  }
  router.publish();
}

/// A Master that finds its lease run out was fenced, and another may have answered for the addresses
/// meanwhile: hosts learn again who has them.
void Outbox::renew_lease(Participant& router, Instant sent, Nanoseconds lease) noexcept {
  const auto slot = router.plan().lease_slot;
  const auto end = effects_.lease_end(slot);
  const bool was_fenced = router.router().state() == core::State::Master &&
                          router.told_role == XV_ROLE_MASTER && end != 0 && end <= to_ns(sent);
  effects_.renew_lease(slot, to_ns(sent + lease));
  if (was_fenced)
    announce({&router});
}

void Outbox::defend(Participant& router, Instant now) noexcept {
  if (!router.claimed || router.router().state() != core::State::Master || now < router.next_defence)
    return;
  router.claimed = false;
  router.next_defence = now + kDefendInterval;
  announce({&router});
}

// ---- addresses ----

void Outbox::install(const Participant& router) noexcept {
  change_addresses({AddressChange::Kind::Install, &router.plan()});
}

void Outbox::remove(const Participant& router) noexcept {
  change_addresses({AddressChange::Kind::Remove, &router.plan()});
}

void Outbox::change_addresses(const AddressChange& change) noexcept {
  if (room_.address_changes.full()) {
    flush_adverts();
    change_all_addresses();
  }
  room_.address_changes.push(change);
  ++changes_asked_;
}

void Outbox::change_addresses(std::size_t most) noexcept {
  for (std::size_t changed = 0; changed < most && next_change_ < room_.address_changes.size();) {
    changed += effects_.change_addresses(room_.address_changes[next_change_++], error_);
    ++changes_done_;
  }
  if (next_change_ == room_.address_changes.size()) {
    room_.address_changes.clear();
    next_change_ = 0;
  }
}

// ---- announcements ----

void Outbox::announce(const Announcement& what) noexcept {
  if (room_.waiting.full()) {
    flush_adverts();
    flush_virtual_macs();
    change_all_addresses();
    flush_announcements();
  }
  room_.waiting.push({what, changes_asked_});
}

/// What waits until a flush has ended is complete when it begins, so it may be sent in two goes.
void Outbox::flush_virtual_macs() noexcept {
  for (; next_virtual_mac_ < room_.waiting.size(); ++next_virtual_mac_)
    (void)announce(room_.waiting[next_virtual_mac_].what, Announcement::When::WithAdvert);
  effects_.send_announcements(error_);
}

void Outbox::flush_announcements() noexcept {
  for (; next_waiting_ < room_.waiting.size(); ++next_waiting_) {
    const auto& waiting = room_.waiting[next_waiting_];
    if (waiting.after > changes_done_)
      break;
    if (!announce(waiting.what, Announcement::When::AfterAddresses))
      continue;
    ++waiting.what.router->counters().paced_announcements_asked;
    waiting.what.router->publish();
    paced_ = true;
  }
  if (next_waiting_ == room_.waiting.size()) {
    room_.waiting.clear();
    next_waiting_ = next_virtual_mac_ = 0;
  }
  effects_.send_announcements(error_);
}

bool Outbox::announce(const Announcement& what, Announcement::When when) noexcept {
  // It may have yielded while its addresses waited.
  const auto& router = what.router->router();
  if (router.state() != core::State::Master || router.resigns())
    return false;
  return effects_.announce(what, when, error_);
}

} // namespace xvrrp::election
