// SPDX-License-Identifier: BSD-2-Clause
// What an earlier xvrrpd of this instance left in the kernel: taken over, or cleaned up.
#pragma once

#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "controller/plan.hpp"
#include "controller/route_plan.hpp"
#include "dataplane/data_plane.hpp"
#include "platform/nat.hpp"

namespace xvrrp::controller {

/// The data plane that this xvrrpd works with, and whether it is a predecessor's. The caller holds the
/// instance's lock, and may_start() had nothing against it.
///
/// From a predecessor's data plane everything that the plans do not want is removed, and the plans of the
/// routers that are left in it are marked (`resumes`) and keep their lease's slot. Virtual addresses, routes
/// and rules that a predecessor of this instance left go, but for those of Masters whose lease has not run
/// out and for `static_addresses` and `static_routes`.
struct Foundation {
  dataplane::DataPlane data_plane;
  bool adopted = false;
};
Result<Foundation> lay_foundation(const std::string& instance, bool replace, dataplane::DownTimer timer,
                                  std::vector<RouterPlan>& plans,
                                  const std::vector<platform::AddressSpec>& static_addresses,
                                  const ResolvedRoutes& static_routes);

/// Whether the router goes on as Master: it is one that resumes, and its lease has not run out.
bool resumes_as_master(const RouterPlan& plan, const dataplane::DataPlane& data_plane);

/// Removes every virtual address, route and rule that an xvrrpd of this instance left.
Status remove_left_addresses(const std::string& instance, const std::vector<RouterPlan>& plans);

/// Conflict when the instance cannot start; nothing has been changed then. The caller holds the instance's
/// lock, so whoever loaded what is pinned is dead, unless an operator loaded it by hand: that is a Conflict,
/// as are a data plane of another ABI version, both of which go only if `replace` says so, and another
/// program on an interface.
Status may_start(const std::string& instance, bool replace, const std::vector<RouterPlan>& plans);

} // namespace xvrrp::controller
