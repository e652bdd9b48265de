// SPDX-License-Identifier: BSD-2-Clause
// A line of virtual_nat, xvrrp's extension of the grammar:
//   masquerade oif IF [iif IF] [from PREFIX]
//   snat to ADDRESS[-ADDRESS] oif IF [iif IF] [from PREFIX]
//   dnat [tcp|udp PORT[-PORT]] to ADDRESS[:PORT] [address ADDRESS] [iif IF] [from PREFIX]
// The words after the kind stand in any order.
#pragma once

#include <optional>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// `family` is the virtual router's, if it is known. Nothing if the line is no rule; everything wrong with it
/// is reported. A dnat without `address` has no destinations yet.
std::optional<NatRule> read_nat_line(Diagnostics& diagnostics, const Statement& line,
                                     std::optional<Family> family);

} // namespace xvrrp::config
