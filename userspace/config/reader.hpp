// SPDX-License-Identifier: BSD-2-Clause
// The way into this room: reads a configuration in the language of keepalived.conf (docs/keepalived.md says
// how much of it).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"

namespace xvrrp::config {

/// What a reading gave. With an error among the diagnostics the configuration is not to be run: what was
/// wrong is left out of it.
struct Outcome {
  Configuration configuration;
  std::vector<Diagnostic> diagnostics; ///< everything found, in the order of the file; at most 1000

  bool insecure_scripts = false; ///< root runs a script that others may change, without script security

  /// No errors; there may be warnings.
  bool ok() const;
};

/// The host's name as far as the first dot.
std::string default_config_id();

/// Reads the file at `path`. That it cannot be read, or is larger than 16 MiB, is a diagnostic without a
/// line. Both functions may run in any thread, at once in several, and report every problem as a diagnostic.
/// "@ID" lines are for the router whose configuration id is ID.
Outcome load_file(const std::string& path, const std::string& config_id = default_config_id());

/// Reads `text`; locations call it `name`, and what it includes is looked for in the directory of `name`. Any
/// bytes will do.
Outcome parse(std::string_view text, const std::string& name,
              const std::string& config_id = default_config_id());

} // namespace xvrrp::config
