// SPDX-License-Identifier: BSD-2-Clause
// A question to the running xvrrpd.
#pragma once

#include <string>

#include <xvrrp/base/result.hpp>

#include "cli/json.hpp"

namespace xvrrp::cli {

/// The daemon's answer, at most some seconds later. NotRunning when there is no daemon.
Result<Json> ask(const std::string& instance, const Json& question);

} // namespace xvrrp::cli
