// SPDX-License-Identifier: BSD-2-Clause
// What a virtual router sends, built when it is set up or its addresses change, and only sent afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <xvrrp/wire/build.h>

#include "config/model.hpp"
#include "election/plan.hpp"

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

/// The adverts of one moment: one per destination, and with v2_interop one of each version.
struct AdvertSet {
  std::vector<AdvertFrame> adverts;      ///< of our priority
  std::vector<AdvertFrame> resignations; ///< of priority 0
};

/// A gratuitous ARP or unsolicited NA, and where it leaves.
struct Announcement {
  enum class When : std::uint8_t {
    WithAdvert,   ///< it carries a virtual MAC, which is all that hosts and switches need
    AfterAddress, ///< the address must be there when hosts ask for it
    Paced,        ///< when its turn comes: by the manager thread (see PacedAnnouncer)
  };
  std::uint32_t ifindex = 0;
  Frame frame;
  When when = When::AfterAddress;
};

/// Where a virtual address is announced.
struct AnnouncedAddress {
  std::uint32_t ifindex = 0;
  Mac mac{};
  IpAddress address;
  config::AnnouncementPace pace;
  bool virtual_mac = false; ///< `mac` is one
  friend bool operator==(const AnnouncedAddress&, const AnnouncedAddress&) = default;
};

/// What the frames are made of, besides the configuration.
struct Sender {
  IpAddress source;          ///< of our adverts; unspecified: the interface has none, so nothing can be sent
  Mac mac{};                 ///< of our adverts: the interface's, or the virtual one
  Mac device_mac{};          ///< the interface's
  std::uint8_t priority = 0; ///< of our adverts: the configured one and what is tracked
  std::vector<AnnouncedAddress> addresses;
  friend bool operator==(const Sender&, const Sender&) = default;
};

/// Immutable once built, so that the election thread reads it without a lock.
struct Frames : election::Frames {
  Sender sender;
  std::vector<AdvertSet> forms; ///< one; two where checksum_form is AsHeard: with pseudo-header, without
  std::vector<Announcement> announcements; ///< of the sender's addresses, one of each

  const AdvertSet& form(bool message_only) const { return forms[message_only ? forms.size() - 1 : 0]; }
};

/// 224.0.0.18 or ff02::12.
IpAddress vrrp_group(Family family);

/// The interval as it stands in our adverts: v2 whole seconds, v3 centiseconds, at least one.
std::uint16_t interval_on_the_wire(core::Version version, Nanoseconds interval);

/// The virtual addresses as they stand in an advert.
std::vector<std::uint8_t> address_list(const config::Instance& instance);

Frames build_frames(const config::Instance& instance, Sender sender);

} // namespace xvrrp::controller
