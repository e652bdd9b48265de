// SPDX-License-Identifier: BSD-2-Clause
// The loaded data plane that a command about an interface is for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <xvrrp/base/result.hpp>

#include "dataplane/data_plane.hpp"

namespace xvrrp::cli {

struct Target {
  std::string instance;
  dataplane::DataPlane plane;
  xv_if_key place; ///< where the interface's frames are judged

  /// Whether a command about the interface is about this virtual router: one of its VLAN, or, where the
  /// interface carries the program, any of its VLANs.
  bool concerns(const xv_vr_key& router) const {
    return place.vlan == 0 ? router.ifindex == place.ifindex : dataplane::is_at(router, place);
  }
};

/// The interface in `instance`, from whatever network namespace, or without one in whichever instance is
/// loaded on the interface of this network namespace. NotRunning when none is.
Result<Target> find_target(const std::optional<std::string>& instance, const std::string& interface);

} // namespace xvrrp::cli
