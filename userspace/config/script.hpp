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

/// Why the script cannot be run; absent: it can. Missing, no file, not executable by its user.
std::optional<std::string> why_not_run(const Script& script, const ScriptUser& user);

/// Why a script that can be run is a risk; absent: it is none. It runs as root, and somebody else may write
/// to it or to a directory on its path, or to one in which a symbolic link on its way lies: what
/// enable_script_security is about.
std::optional<std::string> why_not_secure(const Script& script, const ScriptUser& user);

/// False for a script, with its user, that is not to be run: with a warning that ends in `consequence`. One
/// that is a risk is only run without `secure`, and is warned about.
/// Whoever runs it has to look again: files change, and only what `root_only` says is kept here.
bool check_script(Diagnostics& diagnostics, Script& script, bool secure, const std::string& consequence);

} // namespace xvrrp::config
