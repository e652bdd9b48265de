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

/// "include", or one of those that insist: includer, includem, includew and includeb on one of the checks
/// each, in this order, includea on all of them.
bool is_include(std::string_view word);

/// What an include line insists on.
struct IncludeChecks {
  bool readable = false;       ///< each file can be read
  bool match = false;          ///< a name without wildcards is there
  bool wildcard_match = false; ///< one with wildcards matches
  bool brace_match = false;    ///< each alternative in braces does

  /// That `word` asks for by itself.
  static IncludeChecks of(std::string_view word);
  friend IncludeChecks operator|(const IncludeChecks& a, const IncludeChecks& b);
};

/// include_check: `option` is the name of a check; "+" before it adds it to those before, "-" takes it away,
/// and without either it is the only one. False: there is no such check.
bool change(IncludeChecks& checks, std::string_view option);

/// The files that `pattern`, relative to the directory of the file it stands in, means: sorted for each
/// alternative in braces. What is missing is reported at `where`, as an error if `checks` insist. Files that
/// are executable, and what is no file, are left out with a warning, as keepalived does.
std::optional<std::vector<std::string>> included_files(const IncludeChecks& checks,
                                                       const std::string& pattern, Position where,
                                                       Diagnostics& diagnostics);

} // namespace xvrrp::config
