// SPDX-License-Identifier: BSD-2-Clause
// What a configuration says once every default is filled in.
#pragma once

#include <string>

#include "cli/json.hpp"
#include "config/model.hpp"

namespace xvrrp::cli {

/// Members are named as the keywords; durations are in seconds. Passwords are left out.
Json explained(const config::Configuration& configuration);

/// A line per member: "name value", and what belongs to it below, further in.
std::string as_text(const Json& object);

} // namespace xvrrp::cli
