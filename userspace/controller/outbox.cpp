// SPDX-License-Identifier: BSD-2-Clause
#include "controller/outbox.hpp"

#include <algorithm>
#include <span>

namespace xvrrp::controller {

Outbox::Room::Room(std::size_t routers, std::size_t frames) {
  multicast_adverts.reserve(frames);
  unicast_adverts.reserve(frames);
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
  return room_.multicast_adverts.empty() && room_.unicast_adverts.empty() && room_.address_changes.empty() &&
         room_.waiting.empty();
}

void Outbox::advert(const VirtualRouter& router, std::uint8_t priority) noexcept {
  const auto ifindex = router.plan().ifindex;
  const auto& set = router.advert_set();
  const auto& adverts = priority == core::kPriorityStopping ? set.resignations : set.adverts;
  for (const auto& advert : adverts) {
    if (room_.multicast_adverts.size() == room_.multicast_adverts.capacity() ||
        room_.unicast_adverts.size() == room_.unicast_adverts.capacity())
      flush_adverts();
    if (advert.unicast)
      room_.unicast_adverts.push_back({ifindex, &advert});
    else
      room_.multicast_adverts.push_back({ifindex, std::as_bytes(advert.bytes())});
  }
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

int Outbox::flush_adverts() noexcept {
  int error = packets_.send_batch(room_.multicast_adverts).error;
  room_.multicast_adverts.clear();
  for (const auto& [ifindex, advert] : room_.unicast_adverts) {
    const int failure = unicast_.send(ifindex, advert->destination, std::as_bytes(advert->packet()));
    if (error == 0)
      error = failure;
  }
  room_.unicast_adverts.clear();
  return error;
}

int Outbox::change_addresses(std::size_t most) noexcept {
  int error = 0;
  for (std::size_t changed = 0; changed < most && next_change_ < room_.address_changes.size();) {
    const auto& [batch, install, only] = room_.address_changes[next_change_++];
    const int failure = only ? route_->send(batch->install_of(*only))
                             : route_->send(install ? batch->installs() : batch->removals());
    if (error == 0)
      error = failure;
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
int Outbox::flush_virtual_macs() noexcept {
  int error = 0;
  for (; next_virtual_mac_ < room_.waiting.size(); ++next_virtual_mac_) {
    const int failure = send(room_.waiting[next_virtual_mac_], Announcement::When::WithAdvert);
    if (error == 0)
      error = failure;
  }
  const int failure = send_announcements();
  return error != 0 ? error : failure;
}

int Outbox::flush_announcements() noexcept {
  int error = 0;
  for (; next_waiting_ < room_.waiting.size(); ++next_waiting_) {
    const auto& waiting = room_.waiting[next_waiting_];
    if (waiting.after > changes_done_)
      break;
    const int failure = send(waiting, Announcement::When::AfterAddress);
    if (error == 0)
      error = failure;
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
  const int failure = send_announcements();
  return error != 0 ? error : failure;
}

/// Puts them with those that leave together.
int Outbox::send(const Room::Waiting& waiting, Announcement::When when) noexcept {
  // It may have yielded while its addresses waited.
  const auto& router = waiting.router->router();
  if (router.state() != core::State::Master || router.resigns())
    return 0;
  int error = 0;
  for (const auto& announcement : waiting.announcements) {
    if (announcement.when != when)
      continue;
    if (room_.announcements.size() == room_.announcements.capacity()) {
      const int failure = send_announcements();
      if (error == 0)
        error = failure;
    }
    room_.announcements.push_back({announcement.ifindex, std::as_bytes(std::span{announcement.frame})});
  }
  return error;
}

int Outbox::send_announcements() noexcept {
  if (room_.announcements.empty())
    return 0;
  const int error = packets_.send_batch(room_.announcements).error;
  room_.announcements.clear();
  return error;
}

} // namespace xvrrp::controller
