// SPDX-License-Identifier: BSD-2-Clause
// What makes a shell complete the words of a command line.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace xvrrp::cli {

/// For "bash", "zsh" or "fish"; every command and option that `app` has.
std::string completion_script(const CLI::App& app, const std::string& shell);

} // namespace xvrrp::cli
