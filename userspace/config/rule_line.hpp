// SPDX-License-Identifier: BSD-2-Clause
// A line of virtual_rules or static_rules:
//   [inet|inet6] [not] OPTION... [ACTION]
// in any order. The action is table T, l3mdev, goto N, nop, blackhole, unreachable or prohibit.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// The priorities that rules get that say none: from 16384 downwards, as in keepalived. One for all rules of
/// a configuration.
class RulePriorities {
public:
  std::uint32_t next(Family family) { return family == Family::IPv4 ? ipv4_-- : ipv6_--; }

private:
  std::uint32_t ipv4_ = 16384;
  std::uint32_t ipv6_ = 16384;
};

/// Nothing if the line is no rule that could be installed; everything wrong with it is reported.
std::optional<Rule> read_rule_line(Diagnostics& diagnostics, const Statement& line,
                                   RulePriorities& priorities);

/// Adds the lines of a block.
void read_rules(Diagnostics& diagnostics, const Statement& block, RulePriorities& priorities,
                std::vector<Rule>& rules);

} // namespace xvrrp::config
