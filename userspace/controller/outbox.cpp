// SPDX-License-Identifier: BSD-2-Clause
#include "controller/outbox.hpp"

#include <span>

namespace xvrrp::controller {

Result<Outbox> Outbox::open(std::size_t routers, std::size_t frames, platform::RouteSocket& route) {
  auto packets = platform::PacketSocket::open();
  if (!packets)
    return std::move(packets).error();
  auto unicast = platform::RawIpSocket::open();
  if (!unicast)
    return std::move(unicast).error();
  Outbox outbox{*std::move(packets), *std::move(unicast), route};
  outbox.multicast_adverts_.reserve(frames);
  outbox.unicast_adverts_.reserve(frames);
  outbox.address_changes_.reserve(routers);
  outbox.announcements_.reserve(routers);
  outbox.announcement_frames_.reserve(frames);
  return outbox;
}

void Outbox::advert(const VirtualRouter& router, std::uint8_t priority) noexcept {
  const auto ifindex = router.plan().ifindex;
  const auto& set = router.advert_set();
  const auto& adverts = priority == core::kPriorityStopping ? set.resignations : set.adverts;
  for (const auto& advert : adverts) {
    if (multicast_adverts_.size() == multicast_adverts_.capacity() ||
        unicast_adverts_.size() == unicast_adverts_.capacity())
      flush_adverts();
    if (advert.unicast)
      unicast_adverts_.push_back({ifindex, &advert});
    else
      multicast_adverts_.push_back({ifindex, std::as_bytes(advert.bytes())});
  }
}

void Outbox::change_addresses(const VirtualRouter& router, bool install) noexcept {
  if (address_changes_.size() == address_changes_.capacity())
    change_all_addresses();
  address_changes_.push_back({&router.plan(), install});
  ++changes_asked_;
}

void Outbox::announce(const VirtualRouter& router) noexcept {
  if (announcements_.size() == announcements_.capacity()) {
    change_all_addresses();
    flush_announcements();
  }
  announcements_.push_back({&router, changes_asked_});
}

int Outbox::flush_adverts() noexcept {
  int error = packets_.send_batch(multicast_adverts_).error;
  multicast_adverts_.clear();
  for (const auto& [ifindex, advert] : unicast_adverts_) {
    const int failure = unicast_.send(ifindex, advert->destination, std::as_bytes(advert->packet()));
    if (error == 0)
      error = failure;
  }
  unicast_adverts_.clear();
  return error;
}

int Outbox::change_addresses(std::size_t most) noexcept {
  int error = 0;
  for (std::size_t changed = 0; changed < most && next_change_ < address_changes_.size();) {
    const auto& [plan, install] = address_changes_[next_change_++];
    const int failure = route_->send(install ? plan->batch.installs() : plan->batch.removals());
    if (error == 0)
      error = failure;
    changed += plan->instance.addresses.size();
    ++changes_done_;
  }
  if (next_change_ == address_changes_.size()) {
    address_changes_.clear();
    next_change_ = 0;
  }
  return error;
}

int Outbox::flush_announcements() noexcept {
  int error = 0;
  const auto send = [&] {
    const int failure = packets_.send_batch(announcement_frames_).error;
    announcement_frames_.clear();
    if (error == 0)
      error = failure;
  };
  for (; next_announcement_ < announcements_.size(); ++next_announcement_) {
    const auto& [router, after] = announcements_[next_announcement_];
    if (after > changes_done_)
      break;
    // It may have yielded while its addresses waited.
    if (router->router().state() != core::State::Master || router->router().resigns())
      continue;
    for (const auto& announcement : router->frames().announcements) {
      if (announcement_frames_.size() == announcement_frames_.capacity())
        send();
      announcement_frames_.push_back({announcement.ifindex, std::as_bytes(std::span{announcement.frame})});
    }
  }
  if (next_announcement_ == announcements_.size()) {
    announcements_.clear();
    next_announcement_ = 0;
  }
  if (!announcement_frames_.empty())
    send();
  return error;
}

} // namespace xvrrp::controller
