// SPDX-License-Identifier: BSD-2-Clause
// What somebody takes away from under a Master.
#pragma once

#include <memory>
#include <vector>

#include <xvrrp/base/time.hpp>

#include "controller/virtual_router.hpp"

namespace xvrrp::controller {

/// Installs the tracked routes and rules of Masters that somebody deleted, and logs them. Those that have
/// become Master just now are left alone: the election thread may be at it. Manager thread.
void put_back_routes(const std::vector<std::shared_ptr<VirtualRouter>>& routers, Instant now);

} // namespace xvrrp::controller
