// SPDX-License-Identifier: BSD-2-Clause
#include "controller/outbox.hpp"

#include <algorithm>
#include <span>

namespace xvrrp::controller {

namespace {

void note(PendingAdvert& advert, int error) noexcept {
  advert.left |= error == 0;
  if (advert.error == 0)
    advert.error = error;
}

} // namespace

Outbox::Room::Room(std::size_t routers, std::size_t frames) {
  multicast_adverts.reserve(frames);
  senders.reserve(frames);
  address_changes.reserve(2 * routers); // a reload changes them twice
  waiting.reserve(routers);
  announcements.reserve(frames);
}

Result<Outbox> Outbox::open(platform::RouteSocket& route) {
  auto packets = platform::PacketSocket::open();
  if (!packets)
    return std::move(packets).error();
  auto unicast = platform::RawIpSocket::open();
  if (!unicast)
    return std::move(unicast).error();
  return Outbox{*std::move(packets), *std::move(unicast), route};
}

bool Outbox::is_empty() const noexcept {
  return room_.address_changes.empty() && room_.waiting.empty();
}

void Outbox::send_adverts(std::span<PendingAdvert> adverts) noexcept {
  const auto destinations = [](const PendingAdvert& advert) -> const std::vector<AdvertFrame>& {
    const auto& set = advert.router->advert_set();
    return advert.priority == core::kPriorityStopping ? set.resignations : set.adverts;
  };
  for (auto& advert : adverts) {
    for (const auto& destination : destinations(advert)) {
      if (destination.unicast)
        continue;
      if (room_.multicast_adverts.size() == room_.multicast_adverts.capacity())
        send_multicast();
      room_.multicast_adverts.push_back({advert.router->plan().ifindex, std::as_bytes(destination.bytes())});
      room_.senders.push_back(&advert);
    }
  }
  send_multicast();
  for (auto& advert : adverts) {
    for (const auto& destination : destinations(advert)) {
      if (destination.unicast)
        note(advert, unicast_.send(advert.router->plan().ifindex, destination.destination,
                                   std::as_bytes(destination.packet())));
    }
  }
}

void Outbox::send_multicast() noexcept {
  packets_.send_batch(room_.multicast_adverts);
  for (std::size_t i = 0; i < room_.senders.size(); ++i)
    note(*room_.senders[i], room_.multicast_adverts[i].error);
  room_.multicast_adverts.clear();
  room_.senders.clear();
}

void Outbox::change_addresses(const Room::AddressChange& change) noexcept {
  if (room_.address_changes.size() == room_.address_changes.capacity())
    change_all_addresses();
  room_.address_changes.push_back(change);
  ++changes_asked_;
}

void Outbox::announce(VirtualRouter& router, std::span<const Announcement> announcements) noexcept {
  if (room_.waiting.size() == room_.waiting.capacity()) {
    flush_virtual_macs();
    change_all_addresses();
    flush_announcements();
  }
  room_.waiting.push_back({&router, announcements, changes_asked_});
}

SendError Outbox::change_addresses(std::size_t most) noexcept {
  SendError error;
  for (std::size_t changed = 0; changed < most && next_change_ < room_.address_changes.size();) {
    const auto& [batch, install, only] = room_.address_changes[next_change_++];
    const int failure = only ? route_->send(batch->install_of(*only))
                             : route_->send(install ? batch->installs() : batch->removals());
    error.add({failure, 0});
    changed += only ? 1 : batch->size();
    ++changes_done_;
  }
  if (next_change_ == room_.address_changes.size()) {
    room_.address_changes.clear();
    next_change_ = 0;
  }
  return error;
}

/// What waits until a flush has ended is complete when it begins, so it may be sent in two goes.
SendError Outbox::flush_virtual_macs() noexcept {
  SendError error;
  for (; next_virtual_mac_ < room_.waiting.size(); ++next_virtual_mac_) {
    error.add(send(room_.waiting[next_virtual_mac_], Announcement::When::WithAdvert));
  }
  error.add(send_announcements());
  return error;
}

SendError Outbox::flush_announcements() noexcept {
  SendError error;
  for (; next_waiting_ < room_.waiting.size(); ++next_waiting_) {
    const auto& waiting = room_.waiting[next_waiting_];
    if (waiting.after > changes_done_)
      break;
    error.add(send(waiting, Announcement::When::AfterAddress));
    const bool is_paced =
        std::any_of(waiting.announcements.begin(), waiting.announcements.end(),
                    [](const Announcement& one) { return one.when == Announcement::When::Paced; });
    if (is_paced)
      waiting.router->ask_for_paced_announcements();
    paced_ |= is_paced;
  }
  if (next_waiting_ == room_.waiting.size()) {
    room_.waiting.clear();
    next_waiting_ = next_virtual_mac_ = 0;
  }
  error.add(send_announcements());
  return error;
}

/// Puts them with those that leave together.
SendError Outbox::send(const Room::Waiting& waiting, Announcement::When when) noexcept {
  // It may have yielded while its addresses waited.
  const auto& router = waiting.router->router();
  if (router.state() != core::State::Master || router.resigns())
    return {};
  SendError error;
  for (const auto& announcement : waiting.announcements) {
    if (announcement.when != when)
      continue;
    if (room_.announcements.size() == room_.announcements.capacity())
      error.add(send_announcements());
    room_.announcements.push_back({announcement.ifindex, std::as_bytes(std::span{announcement.frame})});
  }
  return error;
}

SendError Outbox::send_announcements() noexcept {
  SendError error;
  packets_.send_batch(room_.announcements);
  for (const auto& frame : room_.announcements)
    error.add({frame.error, frame.ifindex});
  room_.announcements.clear();
  return error;
}

} // namespace xvrrp::controller
