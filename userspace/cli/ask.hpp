// SPDX-License-Identifier: BSD-2-Clause
// A question to the running xvrrpd.
#pragma once

#include <chrono>
#include <string>

#include <xvrrp/base/result.hpp>

#include "cli/json.hpp"

namespace xvrrp::cli {

/// The daemon's answer, after at most `patience`. NotRunning when there is no daemon.
Result<Json> ask(const std::string& instance, const Json& question,
                 std::chrono::milliseconds patience = std::chrono::seconds{5});

} // namespace xvrrp::cli
