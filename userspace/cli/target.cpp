// SPDX-License-Identifier: BSD-2-Clause
#include "cli/target.hpp"

#include "cli/guards.hpp"
#include "cli/vlans.hpp"

namespace xvrrp::cli {
namespace {

using dataplane::DataPlane;

/// The VLAN device's part of the plane, if that has one.
Result<std::optional<Target>> find_vlan(const std::string& instance, DataPlane& plane,
                                        const platform::Interface& interface) {
  const auto vlan = judged_vlan(plane, interface);
  if (!vlan)
    return vlan.error();
  if (!*vlan)
    return std::optional<Target>{};
  return std::optional{Target{instance, std::move(plane), if_key(**vlan)}};
}

/// The interface may be in another network namespace: its name is the pin's. VLAN devices have none.
Result<Target> find_in(const std::string& instance, const std::string& interface) {
  auto plane = DataPlane::open(instance);
  if (!plane && plane.error().kind != ErrorKind::NotRunning)
    return std::move(plane).error();
  if (plane) {
    for (const auto& attached : plane->attached()) {
      if (attached.name == interface && attached.ifindex != 0)
        return Target{instance, *std::move(plane), {attached.ifindex, 0, 0}};
    }
    const auto here = platform::find_interface(interface);
    if (!here)
      return here.error();
    if (*here) {
      auto vlan = find_vlan(instance, *plane, **here);
      if (!vlan)
        return std::move(vlan).error();
      if (*vlan)
        return **std::move(vlan);
    }
  }
  return Error{ErrorKind::NotRunning, "nothing is loaded on " + interface + " in instance \"" + instance +
                                          "\"; to load it: " + command_line(instance, "load " + interface)};
}

Result<Target> find_anywhere(const std::string& interface) {
  const auto found = require_interface(interface);
  if (!found)
    return found.error();
  for (const auto& instance : DataPlane::instances()) {
    auto plane = DataPlane::open(instance);
    if (!plane)
      continue;
    if (plane->carries(found->index))
      return Target{instance, *std::move(plane), {found->index, 0, 0}};
    auto vlan = find_vlan(instance, *plane, *found);
    if (!vlan)
      return std::move(vlan).error();
    if (*vlan)
      return **std::move(vlan);
  }
  return Error{ErrorKind::NotRunning,
               "nothing is loaded on " + interface + "; to load it: vrrpctl load " + interface};
}

} // namespace

Result<Target> find_target(const std::optional<std::string>& instance, const std::string& interface) {
  return instance ? find_in(*instance, interface) : find_anywhere(interface);
}

} // namespace xvrrp::cli
