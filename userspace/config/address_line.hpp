// SPDX-License-Identifier: BSD-2-Clause
// A line of virtual_ipaddress: ADDRESS[/LENGTH] [dev IF] [brd IP|+|-] [scope SCOPE] [label LABEL].
#pragma once

#include <optional>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// Nothing if the line does not begin with a usable address; problems with its options are reported, and the
/// options left out.
std::optional<VirtualAddress> read_address_line(Diagnostics& diagnostics, const Statement& line);

} // namespace xvrrp::config
