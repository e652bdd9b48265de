// SPDX-License-Identifier: BSD-2-Clause
// Why a virtual router is in its state, for people.
#pragma once

#include <string>

#include "cli/json.hpp"

namespace xvrrp::cli {

/// `explanation` is what xvrrpd answered to explain; times of day are in the local time zone.
std::string explanation_text(const Json& explanation, bool colours);

} // namespace xvrrp::cli
