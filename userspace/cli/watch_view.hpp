// SPDX-License-Identifier: BSD-2-Clause
// What was heard on an interface, for people and for machines.
#pragma once

#include <string>

#include "cli/json.hpp"
#include "cli/watch_sample.hpp"

namespace xvrrp::cli {

Json watch_json(const WatchSample& sample);
std::string watch_text(const WatchSample& sample, bool colours);

} // namespace xvrrp::cli
