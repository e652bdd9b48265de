// SPDX-License-Identifier: BSD-2-Clause
// VLAN devices of this network namespace, whose frames a loaded data plane judges on the device below.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

#include "dataplane/data_plane.hpp"
#include "platform/interfaces.hpp"
#include "platform/place.hpp"

namespace xvrrp::cli {

/// " vlan 7 vlan 42"; tags that are 0 are none.
std::string tags_text(std::uint16_t vlan, std::uint16_t inner_vlan);

/// Where `plane` judges the frames of a VLAN device by their tags; absent when it does not.
Result<std::optional<platform::Place>> judged_vlan(const dataplane::DataPlane& plane,
                                                   const platform::Interface& interface);

/// Names of interfaces by where their frames are judged.
class PlaceNames {
public:
  /// Knows those of the VLAN devices here that are on a device that carries `plane`. What cannot be asked has
  /// no name.
  explicit PlaceNames(const dataplane::DataPlane& plane);

  /// "eth0.10"; "eth0 vlan 10" when nobody knows a name for that VLAN of `device`.
  std::string name(const xv_if_key& place, const std::string& device) const;

private:
  using Order = std::tuple<__u32, __u16, __u16>;
  static Order order(const xv_if_key& place) { return {place.ifindex, place.vlan, place.inner_vlan}; }
  std::map<Order, std::string> names_;
};

} // namespace xvrrp::cli
