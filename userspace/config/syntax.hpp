// SPDX-License-Identifier: BSD-2-Clause
// From text to a tree of statements. Knows lines, braces and which words open blocks; knows no meaning.
#pragma once

#include <cstddef>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/source.hpp"
#include "config/tokenizer.hpp"

namespace xvrrp::config {

/// Deeper blocks are an error and skipped; the language itself needs five levels.
inline constexpr std::size_t kMaxDepth = 16;

/// A line of the file, with the block that follows it if there is one.
struct Statement {
  std::vector<Token> words; ///< never empty, except in the root and in a dropped block without a keyword
  bool dropped = false;     ///< reported already; nothing is to be made of it
  bool incomplete = false;  ///< something was dropped from the block: what is missing there says nothing
  bool has_block = false;
  Position open; ///< of the opening brace, when has_block
  std::vector<Statement> body;

  const Token& keyword() const { return words.front(); }
  bool has_arguments() const { return words.size() > 1; }
  /// Argument `index` from 0; it must exist.
  const Token& argument(std::size_t index) const { return words[index + 1]; }
};

/// The statements of sources.front() and of what it includes, as the body of a root without words. Whatever
/// the text, the tree is one: problems go to `diagnostics`. The positions in the tree point into `sources`.
Statement parse_syntax(Sources& sources, const std::string& config_id, Diagnostics& diagnostics);

} // namespace xvrrp::config
