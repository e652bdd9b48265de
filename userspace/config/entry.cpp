// SPDX-License-Identifier: BSD-2-Clause
#include "config/entry.hpp"

#include <string>

namespace xvrrp::config {

EntryWords::EntryWords(Diagnostics& diagnostics, const Statement& entry)
    : diagnostics_(diagnostics), entry_(entry) {
  if (entry.has_block)
    diagnostics.error(entry.open, "unexpected \"{\": an entry of this list has no block");
}

const Token* EntryWords::next() {
  return next_ < entry_.words.size() ? &entry_.words[next_++] : nullptr;
}

bool EntryWords::skip(std::string_view word) {
  const bool is_next = next_ < entry_.words.size() && entry_.words[next_].text == word;
  next_ += is_next ? 1 : 0;
  return is_next;
}

const Token* EntryWords::value(const Token& option, std::string_view needs, std::string_view name) {
  const Token* const value = next();
  if (value == nullptr) {
    diagnostics_.error(option.where, option.text + " needs " + std::string{needs});
    return nullptr;
  }
  if (!given_.insert(name.empty() ? std::string_view{option.text} : name).second) {
    diagnostics_.error(option.where, option.text + " is given twice on this line");
    return nullptr;
  }
  return value;
}

} // namespace xvrrp::config
