// SPDX-License-Identifier: BSD-2-Clause
// Text on its way to a terminal, a log, a metric or a file that others read.
#pragma once

#include <string>
#include <string_view>

namespace xvrrp {

/// `text` as one line of UTF-8 that only shows something: every byte of a control character (C0, DEL, C1), of
/// what reorders or breaks a line (Unicode's bidirectional controls and separators), and of what is no UTF-8
/// as \xHH. Everything else stays. What came from outside - names, other people's files, the kernel - passes
/// here at each exit. Pure; allocates.
std::string printable(std::string_view text);

/// The same, but for the newlines of a text of several lines.
std::string printable_lines(std::string_view text);

/// Whether printable() would leave it as it is.
bool is_printable(std::string_view text);

} // namespace xvrrp
