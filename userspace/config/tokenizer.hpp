// SPDX-License-Identifier: BSD-2-Clause
// Splits a line into words and braces: comments (! and #), double quotes, and braces anywhere outside quotes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/lines.hpp"

namespace xvrrp::config {

/// As in keepalived; longer lines are an error.
inline constexpr std::size_t kMaxLineLength = 1024;

enum class TokenKind : std::uint8_t { Word, Open, Close };

struct Token {
  TokenKind kind = TokenKind::Word;
  bool quoted = false;     ///< stood in double quotes: never a directive
  bool unresolved = false; ///< refers to what is not defined, which was reported
  std::string text;        ///< without the quotes
  Position where;          ///< of the first character, or of the opening quote
};

/// The tokens of a line. Problems are reported and read over.
std::vector<Token> tokenize(const Line& line, Diagnostics& diagnostics);

} // namespace xvrrp::config
