// SPDX-License-Identifier: BSD-2-Clause
// A line of virtual_routes or static_routes:
//   [inet|inet6] [to] [TYPE] DESTINATION[/LENGTH] OPTION... [nexthop OPTION...]...
// The words before "nexthop" stand in any order.
#pragma once

#include <optional>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// Nothing if the line is no route that could be installed; everything wrong with it is reported.
std::optional<Route> read_route_line(Diagnostics& diagnostics, const Statement& line);

/// Adds the lines of a block.
void read_routes(Diagnostics& diagnostics, const Statement& block, std::vector<Route>& routes);

} // namespace xvrrp::config
