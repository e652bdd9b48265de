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
  outbox.announcements_.reserve(frames);
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
    flush_addresses();
  address_changes_.push_back({&router.plan(), install});
}

void Outbox::announce(const VirtualRouter& router) noexcept {
  for (const auto& announcement : router.frames().announcements) {
    if (announcements_.size() == announcements_.capacity())
      flush_announcements();
    announcements_.push_back({announcement.ifindex, std::as_bytes(std::span{announcement.frame})});
  }
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

int Outbox::flush_addresses() noexcept {
  int error = 0;
  for (const auto& [plan, install] : address_changes_) {
    const int failure = route_->send(install ? plan->batch.installs() : plan->batch.removals());
    if (error == 0)
      error = failure;
  }
  address_changes_.clear();
  return error;
}

int Outbox::flush_announcements() noexcept {
  const int error = packets_.send_batch(announcements_).error;
  announcements_.clear();
  return error;
}

} // namespace xvrrp::controller
