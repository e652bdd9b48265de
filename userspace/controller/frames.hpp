// SPDX-License-Identifier: BSD-2-Clause
// The frames of a virtual router, built when it is set up and only sent afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <xvrrp/wire/build.h>

#include "config/model.hpp"

namespace xvrrp::controller {

using Mac = std::array<std::uint8_t, 6>;
using Frame = std::vector<std::uint8_t>;

/// An advert to one destination: the multicast group (a whole Ethernet frame) or a unicast peer.
struct AdvertFrame {
  IpAddress destination;
  Frame frame;
  bool unicast = false;

  std::span<const std::uint8_t> bytes() const { return frame; }
  /// From the IP header on: what a raw IP socket takes.
  std::span<const std::uint8_t> packet() const { return std::span{frame}.subspan(XV_ETHERNET_BYTES); }
};

/// The interval as it stands in our adverts: v2 whole seconds, v3 centiseconds.
std::uint16_t interval_on_the_wire(const core::RouterConfig& router);

/// One advert per destination: the peers, or the group 224.0.0.18. The instance's source address must be
/// known.
std::vector<AdvertFrame> build_adverts(const config::Instance& instance, const Mac& mac,
                                       std::uint8_t priority);

/// A gratuitous ARP request for `address`.
Frame build_announcement(const Mac& mac, const IpAddress& address);

} // namespace xvrrp::controller
