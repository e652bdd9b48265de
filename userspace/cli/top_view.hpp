// SPDX-License-Identifier: BSD-2-Clause
// All virtual routers of an xvrrpd at a glance: what each does, and how much of it, for people and for
// machines.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <xvrrp/base/time.hpp>

#include "cli/json.hpp"

namespace xvrrp::cli {

struct TopSample {
  Instant at{};
  Json status; ///< the daemon's answer
};

/// Rates are those since `before`, and null without it, or for a router that began to count anew meanwhile.
Json top_json(const std::optional<TopSample>& before, const TopSample& now);
/// Trouble first, in at most `lines` lines; 0: any number.
std::string top_text(const std::optional<TopSample>& before, const TopSample& now, std::size_t lines,
                     bool colours);

} // namespace xvrrp::cli
