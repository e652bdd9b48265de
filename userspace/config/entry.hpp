// SPDX-License-Identifier: BSD-2-Clause
// Walks over the words of an entry: a line of a block such as virtual_ipaddress.
#pragma once

#include <cstddef>
#include <set>
#include <string_view>

#include "config/diagnostics.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

class EntryWords {
public:
  /// An entry has no block; one that has is reported. `entry` is not dropped, and outlives this.
  EntryWords(Diagnostics& diagnostics, const Statement& entry);

  /// The next word; null at the end.
  const Token* next();
  /// Whether the next word is this one, which is then taken.
  bool skip(std::string_view word);
  /// From here on options may be given again.
  void begin_group() { given_.clear(); }
  /// The value that follows the option `option`; null, and reported, at the end of the line or where the
  /// option was given before. `needs` names the value in messages: "an interface name".
  /// `name` is the same for an option's several words; empty: it has one.
  const Token* value(const Token& option, std::string_view needs, std::string_view name = {});

private:
  Diagnostics& diagnostics_;
  const Statement& entry_;
  std::size_t next_ = 0;
  std::set<std::string_view> given_;
};

} // namespace xvrrp::config
