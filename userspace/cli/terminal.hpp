// SPDX-License-Identifier: BSD-2-Clause
// Standard output, and whether a person looks at it.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <xvrrp/base/result.hpp>

namespace xvrrp::cli {

/// Standard output is a terminal that can be redrawn.
bool on_terminal();
/// On a terminal, unless NO_COLOR is set (https://no-color.org).
bool wants_colours();

/// How styled() ends what it began.
inline constexpr const char* kPlain = "\033[0m";
/// How it begins it.
inline constexpr std::array<const char*, 3> kStyles{"\033[1m", "\033[32m", "\033[1;31m"};
/// Before a screen that is drawn again.
inline constexpr const char* kClearScreen = "\033[H\033[J";
/// Of the terminal now; 0 when that is not known.
std::size_t terminal_lines();

/// Written at once, so that a pipe's reader sees each sample when it is made. As printable_lines() has it: of
/// control characters only our own styles and kClearScreen reach a terminal, and nothing else anything.
void print(std::string_view text);
/// A line on standard error, as printable() has it.
void print_error(std::string_view line);
/// Whether all of it could be written.
Status finish_output();

} // namespace xvrrp::cli
