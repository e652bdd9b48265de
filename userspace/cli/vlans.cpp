// SPDX-License-Identifier: BSD-2-Clause
#include "cli/vlans.hpp"

namespace xvrrp::cli {

std::string tags_text(std::uint16_t vlan, std::uint16_t inner_vlan) {
  std::string text;
  for (const auto tag : {vlan, inner_vlan}) {
    if (tag != 0)
      text += " vlan " + std::to_string(tag);
  }
  return text;
}

Result<std::optional<platform::Place>> judged_vlan(const dataplane::DataPlane& plane,
                                                   const platform::Interface& interface) {
  auto place = platform::tagged_place(interface);
  if (place && *place &&
      !(plane.carries((*place)->ifindex) && plane.policies().find(if_key(**place)).has_value()))
    place->reset();
  return place;
}

PlaceNames::PlaceNames(const dataplane::DataPlane& plane) {
  const auto here = platform::interfaces();
  if (!here)
    return;
  for (const auto& interface : *here) {
    if (!interface.is_vlan())
      continue;
    const auto place = platform::tagged_place(interface);
    if (place && *place && plane.carries((*place)->ifindex))
      names_.emplace(order(if_key(**place)), interface.name);
  }
}

std::string PlaceNames::name(const xv_if_key& place, const std::string& device) const {
  if (const auto found = names_.find(order(place)); found != names_.end())
    return found->second;
  return device + tags_text(place.vlan, place.inner_vlan);
}

} // namespace xvrrp::cli
