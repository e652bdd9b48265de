// SPDX-License-Identifier: BSD-2-Clause
// The daemon's answer, for people.
#pragma once

#include <string>

#include "cli/json.hpp"

namespace xvrrp::cli {

/// `status` is what xvrrpd answered; what it does not say is left out.
std::string status_text(const Json& status, bool colours);

} // namespace xvrrp::cli
