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
  /// The value that follows the option `option`; null, and reported, at the end of the line or where the
  /// option was given before. `needs` names the value in messages: "an interface name".
  const Token* value(const Token& option, std::string_view needs);

private:
  Diagnostics& diagnostics_;
  const Statement& entry_;
  std::size_t next_ = 0;
  std::set<std::string_view> given_;
};

} // namespace xvrrp::config
