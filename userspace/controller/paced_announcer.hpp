// SPDX-License-Identifier: BSD-2-Clause
// Announcements with pauses between them (vrrp_garp_interval, vrrp_gna_interval, garp_group): nothing that
// hurries, so the manager thread sends them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "controller/virtual_router.hpp"
#include "platform/packet_socket.hpp"

namespace xvrrp::controller {

/// Manager thread.
class PacedAnnouncer {
public:
  /// Needs CAP_NET_RAW.
  static Result<PacedAnnouncer> open();

  /// Queues what the election thread has asked for since the last time: all paced addresses of a router, for
  /// it asks when one is put back too.
  void hear(const std::vector<std::shared_ptr<VirtualRouter>>& routers);
  /// Sends what is due; returns when the next one is. What a router is to announce that is no longer Master
  /// is dropped.
  std::optional<Instant> run_due(Instant now);

private:
  struct Item {
    std::weak_ptr<const VirtualRouter> router;
    std::uint32_t ifindex;
    IpAddress address;
    std::uint64_t times; ///< that it is to be sent
  };
  /// Interfaces, and a family, that take turns.
  struct Lane {
    std::deque<Item> items;
    Instant next{}; ///< the first moment for another one
  };
  using LaneKey = std::tuple<Family, bool, std::uint32_t>; ///< whether it is a group; its number or ifindex

  explicit PacedAnnouncer(platform::PacketSocket socket) : socket_(std::move(socket)) {}
  void queue(const std::shared_ptr<VirtualRouter>& router, const AnnouncedAddress& announced,
             std::uint64_t times);
  bool send(const Item& item, Lane& lane);

  platform::PacketSocket socket_;
  std::map<LaneKey, Lane> lanes_;
  std::map<const VirtualRouter*, std::uint64_t> heard_; ///< how often each had asked
};

} // namespace xvrrp::controller
