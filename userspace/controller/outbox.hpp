// SPDX-License-Identifier: BSD-2-Clause
// What the routers want sent, in the order that a takeover needs: all adverts, then addresses, and each
// router's announcements once its addresses are there.
#pragma once

#include <cstddef>
#include <cstdint>
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
  /// The kernel takes some 45 us for each address: meanwhile another router's advert may be due. So this
  /// changes those of as many routers as have a few addresses together, in the order of install() and
  /// remove(). Returns 0 or the first errno.
  int change_some_addresses() noexcept { return change_addresses(kAddressesAtOnce); }
  int change_all_addresses() noexcept { return change_addresses(SIZE_MAX); }
  bool has_address_changes() const noexcept { return !address_changes_.empty(); }
  /// Sends the announcements of Masters whose addresses are there. Returns 0 or an errno.
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
  struct Announcement {
    const VirtualRouter* router;
    std::uint64_t after; ///< so many address changes
  };
  static constexpr std::size_t kAddressesAtOnce = 4;

  Outbox(platform::PacketSocket packets, platform::RawIpSocket unicast, platform::RouteSocket& route)
      : packets_(std::move(packets)), unicast_(std::move(unicast)), route_(&route) {}
  void change_addresses(const VirtualRouter& router, bool install) noexcept;
  int change_addresses(std::size_t most) noexcept;

  platform::PacketSocket packets_;
  platform::RawIpSocket unicast_;
  platform::RouteSocket* route_;
  std::vector<platform::OutgoingFrame> multicast_adverts_;
  std::vector<Unicast> unicast_adverts_;
  std::vector<AddressChange> address_changes_;
  std::size_t next_change_ = 0;     ///< those before are done
  std::uint64_t changes_asked_ = 0; ///< since open()
  std::uint64_t changes_done_ = 0;
  std::vector<Announcement> announcements_;
  std::size_t next_announcement_ = 0;
  std::vector<platform::OutgoingFrame> announcement_frames_;
};

} // namespace xvrrp::controller
