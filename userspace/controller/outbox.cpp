// SPDX-License-Identifier: BSD-2-Clause
#include "controller/outbox.hpp"

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

void Outbox::announce(const VirtualRouter& router, const std::vector<Announcement>& announcements) noexcept {
  if (room_.waiting.size() == room_.waiting.capacity()) {
    change_all_addresses();
    flush_announcements();
  }
  room_.waiting.push_back({&router, &announcements, changes_asked_});
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
    const auto& [batch, count, install] = room_.address_changes[next_change_++];
    const int failure = route_->send(install ? batch->installs() : batch->removals());
    if (error == 0)
      error = failure;
    changed += count;
    ++changes_done_;
  }
  if (next_change_ == room_.address_changes.size()) {
    room_.address_changes.clear();
    next_change_ = 0;
  }
  return error;
}

int Outbox::flush_announcements() noexcept {
  int error = 0;
  const auto send = [&] {
    const int failure = packets_.send_batch(room_.announcements).error;
    room_.announcements.clear();
    if (error == 0)
      error = failure;
  };
  for (; next_waiting_ < room_.waiting.size(); ++next_waiting_) {
    const auto& [router, announcements, after] = room_.waiting[next_waiting_];
    if (after > changes_done_)
      break;
    // It may have yielded while its addresses waited.
    if (router->router().state() != core::State::Master || router->router().resigns())
      continue;
    for (const auto& announcement : *announcements) {
      if (room_.announcements.size() == room_.announcements.capacity())
        send();
      room_.announcements.push_back({announcement.ifindex, std::as_bytes(std::span{announcement.frame})});
    }
  }
  if (next_waiting_ == room_.waiting.size()) {
    room_.waiting.clear();
    next_waiting_ = 0;
  }
  if (!room_.announcements.empty())
    send();
  return error;
}

} // namespace xvrrp::controller
