// SPDX-License-Identifier: BSD-2-Clause
// Programs that the configuration names: "COMMAND ARGUMENT..." [USER [[:]GROUP]].
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// Splits a command into words as keepalived does: blanks part them, single and double quotes hold them
/// together, and outside single quotes a backslash begins an escape of C, or stands for the next character.
/// Absent: a quote is not closed, or there is no word.
std::optional<std::vector<std::string>> split_command(std::string_view command);

/// What a statement of one command and perhaps a user and a group says. What is wrong is reported.
std::optional<Script> read_script(Diagnostics& diagnostics, const Statement& statement);

/// USER [[:]GROUP] from the statement's argument `first` on; without a group, the user's.
std::optional<ScriptUser> read_script_user(Diagnostics& diagnostics, const Statement& statement,
                                           std::size_t first);

/// Who runs scripts unless the configuration says otherwise: keepalived_script where there is such a user.
ScriptUser default_script_user();

/// Why the script is not to be run; absent: it is. Missing, no file, not executable by its user; or, if
/// `secure` and it would run as root, somebody else may write to it or to a directory on its path.
std::optional<std::string> why_not_run(const Script& script, const ScriptUser& user, bool secure);

} // namespace xvrrp::config
