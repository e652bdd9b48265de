// SPDX-License-Identifier: BSD-2-Clause
// The daemon's answer, for people.
#pragma once

#include <string>

#include "cli/json.hpp"
#include "cli/table.hpp"

namespace xvrrp::cli {

/// `status` is what xvrrpd answered; what it does not say is left out.
std::string status_text(const Json& status, bool colours);

/// One of its instances, in a few lines: state, problem, router, priority.
std::string router_summary(const Json& router, bool colours);
Style state_style(const std::string& state);

} // namespace xvrrp::cli
