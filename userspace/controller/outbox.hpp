// SPDX-License-Identifier: BSD-2-Clause
// What the routers want sent in one turn of the election loop, sent in the order that a takeover needs:
// all adverts, then all addresses, then all announcements.
#pragma once

#include <cstddef>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "controller/virtual_router.hpp"
#include "platform/addresses.hpp"
#include "platform/packet_socket.hpp"
#include "platform/raw_ip_socket.hpp"

namespace xvrrp::controller {

/// Election thread; opened elsewhere. Nothing here allocates after open(): what does not fit is flushed
/// first.
class Outbox {
public:
  /// Room for `routers` with `frames` adverts and announcements between them. Needs CAP_NET_RAW.
  static Result<Outbox> open(std::size_t routers, std::size_t frames, platform::RouteSocket& route);

  void advert(const VirtualRouter& router, std::uint8_t priority) noexcept;
  void install(const VirtualRouter& router) noexcept { change_addresses(router, true); }
  void remove(const VirtualRouter& router) noexcept { change_addresses(router, false); }
  void announce(const VirtualRouter& router) noexcept;

  /// Sends the adverts. Returns 0 or the first errno.
  int flush_adverts() noexcept;
  /// Changes the addresses. Returns 0 or the first errno.
  int flush_addresses() noexcept;
  /// Sends the announcements. Returns 0 or an errno.
  int flush_announcements() noexcept;

private:
  struct Unicast {
    std::uint32_t ifindex;
    const AdvertFrame* advert;
  };
  struct AddressChange {
    const RouterPlan* plan;
    bool install;
  };
  Outbox(platform::PacketSocket packets, platform::RawIpSocket unicast, platform::RouteSocket& route)
      : packets_(std::move(packets)), unicast_(std::move(unicast)), route_(&route) {}
  void change_addresses(const VirtualRouter& router, bool install) noexcept;

  platform::PacketSocket packets_;
  platform::RawIpSocket unicast_;
  platform::RouteSocket* route_;
  std::vector<platform::OutgoingFrame> multicast_adverts_;
  std::vector<Unicast> unicast_adverts_;
  std::vector<AddressChange> address_changes_;
  std::vector<platform::OutgoingFrame> announcements_;
};

} // namespace xvrrp::controller
