// SPDX-License-Identifier: BSD-2-Clause
// keepalived's keywords that xvrrp does not act on, and why. A keyword that becomes supported moves from here
// to its reader.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/blocks.hpp"
#include "config/diagnostics.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// Reports a statement whose keyword is none of `supported`, the keywords that have a reader at this level: a
/// keepalived keyword not supported yet (error), one without effect here or one of the load balancer
/// (warning), or an unknown word (error, with a suggestion). Its block is not read.
void report_foreign_word(Diagnostics& diagnostics, Level level, const Statement& statement,
                         const std::vector<std::string_view>& supported);

} // namespace xvrrp::config
