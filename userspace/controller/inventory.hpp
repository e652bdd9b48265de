// SPDX-License-Identifier: BSD-2-Clause
// What this instance may have installed in the kernel beside its data plane, kept where a crash leaves it.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include <xvrrp/base/result.hpp>

#include "controller/plan.hpp"
#include "dataplane/data_plane.hpp"
#include "platform/left_behind.hpp"

namespace xvrrp::controller {

/// Each part is noted before anything of it is installed, and again without what has been removed. Manager
/// thread.
class Inventory {
public:
  enum class Part : std::uint8_t { Routers, StaticAddresses, StaticRoutes };

  /// `data_plane` outlives the object. What a predecessor noted is forgotten with the first part that is
  /// noted.
  explicit Inventory(const dataplane::DataPlane& data_plane) : data_plane_(data_plane) {}

  /// Takes the place of what was noted of this part. No system call when it is the same.
  Status note(Part part, platform::InstallMessages messages);

private:
  const dataplane::DataPlane& data_plane_;
  std::array<platform::InstallMessages, 3> parts_;
  bool written_ = false;
};

platform::InstallMessages installs_of(const PlanList& plans);

/// What this start finds in the kernel, by inventories and by the configuration: an instance whose pins were
/// lost too still knows what it is configured with. `installs` is all of that.
Result<platform::Claims> find_claims(const std::string& instance, platform::InstallMessages installs);

} // namespace xvrrp::controller
