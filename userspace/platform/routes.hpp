// SPDX-License-Identifier: BSD-2-Clause
// Routes and rules outside of takeovers: waited for. Manager thread; each call opens its own socket. They
// mean devices by their numbers. Needs CAP_NET_ADMIN.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/route.hpp>

#include "platform/refusal.hpp"

namespace xvrrp::platform {

/// Some routes and some rules; a view.
struct RouteSet {
  std::span<const IpRoute> routes;
  std::span<const IpRule> rules;
};

/// Installs what is not there, and tells of each that was not: which, and why it could not be installed if
/// so.
Status install_missing(const RouteSet& set,
                       const std::function<void(const std::string&, const std::optional<Refusal>&)>& tell);

/// What is not there is no error; other refusals are told.
Status remove_routes(const RouteSet& set, const std::function<void(const Refusal&)>& tell);

struct Claims;
/// The part of remove_left_behind() that is about routes and rules, in whatever table. Returns how many.
Result<std::size_t> remove_left_routes(const Claims& claims);

} // namespace xvrrp::platform
