// SPDX-License-Identifier: BSD-2-Clause
#include "controller/transmitter.hpp"

namespace xvrrp::controller {
namespace {

/// Frames that leave together: some system calls' worth.
constexpr std::size_t kFramesAtOnce = 2048;

void note(election::PendingAdvert& advert, int error) noexcept {
  advert.left |= error == 0;
  if (advert.error == 0)
    advert.error = error;
}

const Frames& frames_of(const Participant& router) {
  return static_cast<const Frames&>(router.frames());
}

/// One for each destination.
const std::vector<AdvertFrame>& frames_of(const election::PendingAdvert& advert) {
  const auto& set = frames_of(*advert.router).form(advert.router->hears_message_only);
  return advert.priority == core::kPriorityStopping ? set.resignations : set.adverts;
}

std::span<const Announcement> announcements_of(const election::Announcement& what) {
  if (what.change != nullptr)
    return static_cast<const RouterChange&>(*what.change).announcements;
  const std::span all{frames_of(*what.router).announcements};
  if (!what.only)
    return all;
  return *what.only < all.size() ? all.subspan(*what.only, 1) : all.first(0); // none without a source address
}

const platform::AddressBatch& batch_of(const election::AddressChange& change) {
  if (change.change == nullptr)
    return static_cast<const RouterPlan&>(*change.plan).batch;
  const auto& made = static_cast<const RouterChange&>(*change.change);
  return change.kind == election::AddressChange::Kind::Install ? made.come : made.gone;
}

bool is_due(const Announcement& announcement, election::Announcement::When when) {
  return announcement.when == (when == election::Announcement::When::WithAdvert
                                   ? Announcement::When::WithAdvert
                                   : Announcement::When::AfterAddress);
}

} // namespace

Result<Transmitter> Transmitter::open(platform::RouteSocket& route) {
  auto packets = platform::PacketSocket::open();
  if (!packets)
    return std::move(packets).error();
  auto unicast = platform::RawIpSocket::open();
  if (!unicast)
    return std::move(unicast).error();
  return Transmitter{*std::move(packets), *std::move(unicast), route};
}

Transmitter::Transmitter(platform::PacketSocket packets, platform::RawIpSocket unicast,
                         platform::RouteSocket& route)
    : packets_(std::move(packets)), unicast_(std::move(unicast)), route_(&route) {
  multicast_.reserve(kFramesAtOnce);
  senders_.reserve(kFramesAtOnce);
  announcements_.reserve(kFramesAtOnce);
}

void Transmitter::send_adverts(std::span<election::PendingAdvert> adverts) noexcept {
  for (auto& advert : adverts) {
    for (const auto& destination : frames_of(advert)) {
      if (destination.unicast)
        continue;
      if (multicast_.size() == kFramesAtOnce)
        send_multicast();
      multicast_.push_back({advert.router->plan().ifindex, std::as_bytes(destination.bytes())});
      senders_.push_back(&advert);
    }
  }
  send_multicast();
  for (auto& advert : adverts) {
    for (const auto& destination : frames_of(advert)) {
      if (destination.unicast)
        note(advert, unicast_.send(advert.router->plan().ifindex, destination.destination,
                                   std::as_bytes(destination.packet())));
    }
  }
}

void Transmitter::send_multicast() noexcept {
  packets_.send_batch(multicast_);
  for (std::size_t i = 0; i < senders_.size(); ++i)
    note(*senders_[i], multicast_[i].error);
  multicast_.clear();
  senders_.clear();
}

std::size_t Transmitter::change_addresses(const election::AddressChange& change,
                                          election::SendError& error) noexcept {
  const auto& batch = batch_of(change);
  if (change.kind == election::AddressChange::Kind::InstallOne) {
    const auto& address = static_cast<const RouterPlan&>(*change.plan).addresses[change.address];
    error.add({route_->send(batch.install_of(*address.installed)), 0});
    return 1;
  }
  const bool installs = change.kind == election::AddressChange::Kind::Install;
  error.add({route_->send(installs ? batch.installs() : batch.removals()), 0});
  return batch.size();
}

bool Transmitter::announce(const election::Announcement& what, election::Announcement::When when,
                           election::SendError& error) noexcept {
  bool is_paced = false;
  for (const auto& announcement : announcements_of(what)) {
    is_paced |= announcement.when == Announcement::When::Paced;
    if (!is_due(announcement, when))
      continue;
    if (announcements_.size() == kFramesAtOnce)
      send_announcements(error);
    announcements_.push_back({announcement.ifindex, std::as_bytes(std::span{announcement.frame})});
  }
  return is_paced;
}

void Transmitter::send_announcements(election::SendError& error) noexcept {
  packets_.send_batch(announcements_);
  for (const auto& frame : announcements_)
    error.add({frame.error, frame.ifindex});
  announcements_.clear();
}

} // namespace xvrrp::controller
