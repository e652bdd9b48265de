// SPDX-License-Identifier: BSD-2-Clause
// Keywords as tables: for every level, the words it has, the shape of their statements and what reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "config/blocks.hpp"
#include "config/diagnostics.hpp"
#include "config/foreign_words.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// What a statement looks like after its keyword.
struct Shape {
  std::size_t min_arguments = 0;
  std::size_t max_arguments = 0;
  bool block = false;
  bool repeatable = false; ///< may be given again in the same block
  std::string_view needs;  ///< the missing argument, for messages: "an interface name"
};

/// A keyword followed by one value; `needs` names it in messages.
constexpr Shape one_value(std::string_view needs) {
  return {1, 1, false, false, needs};
}
/// A block of entries, one on each line; several blocks are one list.
inline constexpr Shape kRepeatableList{0, 0, true, true, ""};
/// In single quotes it may look like many words.
inline constexpr Shape kScript{1, 64, false, false, "a command"};
inline constexpr Shape kFlag{};
inline constexpr Shape kOptionalBool{0, 1, false, false, ""};

/// Where each keyword of a block was given first.
using Given = std::map<std::string_view, Position>;

/// `Context` is what the keywords of a level write to; among its members are `diagnostics` and `given`.
template <typename Context>
struct Keyword {
  std::string_view name;
  Shape shape;
  void (*read)(Context& context, const Statement& statement);
};

/// Reports the first thing wrong with the form of `statement`. False if it is not to be read because of it; a
/// block is read all the same, so that what is wrong inside is reported too.
bool check_shape(Diagnostics& diagnostics, const Shape& shape, const Statement& statement);

/// Notes that `keyword` was given. False, and reported, if it may not be given again.
bool note_given(Diagnostics& diagnostics, Given& given, std::string_view keyword, const Shape& shape,
                const Statement& statement);

/// Reads every statement of `block` into `context` by the table of its level.
template <typename Context>
void read_keywords(Context& context, Level level, std::span<const Keyword<Context>> keywords,
                   const Statement& block) {
  std::vector<std::string_view> supported;
  for (const auto& keyword : keywords)
    supported.push_back(keyword.name);
  for (const Statement& statement : block.body) {
    if (context.diagnostics.full())
      return;
    if (statement.dropped)
      continue;
    const Keyword<Context>* found = nullptr;
    for (const auto& keyword : keywords) {
      if (keyword.name == statement.keyword().text)
        found = &keyword;
    }
    if (found == nullptr) {
      report_foreign_word(context.diagnostics, level, statement, supported);
      continue;
    }
    const bool first = note_given(context.diagnostics, context.given, found->name, found->shape, statement);
    if (check_shape(context.diagnostics, found->shape, statement) && first)
      found->read(context, statement);
  }
}

} // namespace xvrrp::config
