// SPDX-License-Identifier: BSD-2-Clause
// Routes and routing rules for `check --explain`.
#pragma once

#include "cli/json.hpp"
#include "config/model.hpp"

namespace xvrrp::cli {

/// Members are named as the words of a line; without those that say what holds anyway.
Json explained(const config::Route& route);
Json explained(const config::Rule& rule);

} // namespace xvrrp::cli
