// SPDX-License-Identifier: BSD-2-Clause
#include "cli/target.hpp"

#include "cli/guards.hpp"

namespace xvrrp::cli {
namespace {

using dataplane::DataPlane;

/// The interface may be in another network namespace: its name is the pin's.
Result<Target> find_in(const std::string& instance, const std::string& interface) {
  auto plane = DataPlane::open(instance);
  if (!plane && plane.error().kind != ErrorKind::NotRunning)
    return std::move(plane).error();
  if (plane) {
    for (const auto& attached : plane->attached()) {
      if (attached.name == interface && attached.ifindex != 0)
        return Target{instance, *std::move(plane), attached.ifindex};
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
    if (plane && plane->carries(found->index))
      return Target{instance, *std::move(plane), found->index};
  }
  return Error{ErrorKind::NotRunning,
               "nothing is loaded on " + interface + "; to load it: vrrpctl load " + interface};
}

} // namespace

Result<Target> find_target(const std::optional<std::string>& instance, const std::string& interface) {
  return instance ? find_in(*instance, interface) : find_anywhere(interface);
}

} // namespace xvrrp::cli
