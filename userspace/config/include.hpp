// SPDX-License-Identifier: BSD-2-Clause
// The files that an include line means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/source.hpp"

namespace xvrrp::config {

/// "include", or one of those that insist: includer that each file can be read, includem that a name without
/// wildcards is there, includew that one with wildcards matches, includeb that each alternative in braces
/// does, includea on all of it.
bool is_include(std::string_view word);

/// The files that `pattern`, relative to the directory of the file it stands in, means: sorted for each
/// alternative in braces. What is missing is reported at `where`, as an error if `word` insists. Files that
/// are executable, and what is no file, are left out with a warning, as keepalived does.
std::optional<std::vector<std::string>> included_files(std::string_view word, const std::string& pattern,
                                                       Position where, Diagnostics& diagnostics);

/// Whether `word` insists on files that can be read.
bool insists_on_reading(std::string_view word);

} // namespace xvrrp::config
