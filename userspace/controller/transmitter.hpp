// SPDX-License-Identifier: BSD-2-Clause
// Puts the election's adverts, announcements and addresses onto the wire and into the kernel.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "controller/fleet.hpp"
#include "election/effects.hpp"
#include "platform/addresses.hpp"
#include "platform/packet_socket.hpp"
#include "platform/raw_ip_socket.hpp"

namespace xvrrp::controller {

/// Election thread; opened elsewhere. Nothing here allocates after open(). Each does what Effects says of it.
class Transmitter {
public:
  /// Needs CAP_NET_RAW. `route` outlives it.
  static Result<Transmitter> open(platform::RouteSocket& route);

  /// In order, but for unicast ones, which come last.
  void send_adverts(std::span<election::PendingAdvert> adverts) noexcept;
  std::size_t change_addresses(const election::AddressChange& change, election::SendError& error) noexcept;
  bool announce(const election::Announcement& what, election::Announcement::When when,
                election::SendError& error) noexcept;
  void send_announcements(election::SendError& error) noexcept;

private:
  Transmitter(platform::PacketSocket packets, platform::RawIpSocket unicast, platform::RouteSocket& route);
  void send_multicast() noexcept;

  platform::PacketSocket packets_;
  platform::RawIpSocket unicast_;
  platform::RouteSocket* route_;
  std::vector<platform::OutgoingFrame> multicast_;
  std::vector<election::PendingAdvert*> senders_; ///< of each of them
  std::vector<platform::OutgoingFrame> announcements_;
};

} // namespace xvrrp::controller
