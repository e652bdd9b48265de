// SPDX-License-Identifier: BSD-2-Clause
// What a misspelt word was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xvrrp::config {

/// The nearest of `candidates` if at most two edits away (one, for words of up to three letters), as a clause
/// for the end of a message: `: did you mean "priority"?`; otherwise nothing. The first of equally near ones
/// wins.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace xvrrp::config
