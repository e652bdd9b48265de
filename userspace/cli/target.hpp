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
  std::uint32_t ifindex;
};

/// The interface in `instance`, from whatever network namespace, or without one in whichever instance is
/// loaded on the interface of this network namespace. NotRunning when none is.
Result<Target> find_target(const std::optional<std::string>& instance, const std::string& interface);

} // namespace xvrrp::cli
