// SPDX-License-Identifier: BSD-2-Clause
// Where XDP meets the frames of an interface: on a VLAN device's real device, with the tags in sight, or on
// the interface itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

#include "platform/interfaces.hpp"

namespace xvrrp::platform {

struct Place {
  std::uint32_t ifindex = 0;    ///< the device that the program is attached to
  std::string device;           ///< its name
  std::uint16_t vlan = 0;       ///< the outer tag of the interface's frames there; 0: none
  std::uint16_t inner_vlan = 0; ///< the second tag (QinQ); 0: none
  /// A VLAN device that carries the program itself, which only skb mode can: why, in a sentence; else empty.
  std::string detour;

  bool tagged() const { return vlan != 0; }
};

/// The key of if_policy and if_stats.
inline xv_if_key if_key(const Place& place) {
  return {place.ifindex, place.vlan, place.inner_vlan};
}

/// The place of an interface of this network namespace. Asks rtnetlink and the drivers: blocks, allocates,
/// not for the election thread. Needs no capability.
Result<Place> find_place(const Interface& interface);

/// Where a VLAN device's frames have their tags, whether XDP would see them there or not. Absent: no VLAN
/// device, or tags that the data plane does not read. Asks rtnetlink.
Result<std::optional<Place>> tagged_place(const Interface& interface);

/// Whether the device takes 802.1Q tags off before XDP sees the frame. Asks its driver.
Result<bool> takes_tags_off(const std::string& device);

} // namespace xvrrp::platform
