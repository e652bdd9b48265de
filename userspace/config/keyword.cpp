// SPDX-License-Identifier: BSD-2-Clause
#include "config/keyword.hpp"

#include <string>

namespace xvrrp::config {

bool check_shape(Diagnostics& diagnostics, const Shape& shape, const Statement& statement) {
  const Token& keyword = statement.keyword();
  const std::size_t arguments = statement.words.size() - 1;
  const bool readable = shape.block && statement.has_block;
  if (arguments < shape.min_arguments) {
    diagnostics.error(keyword.where, keyword.text + " needs " + std::string{shape.needs});
    return readable;
  }
  if (shape.block && !statement.has_block) {
    diagnostics.error(keyword.where, "missing \"{\" after " + keyword.text);
    return false;
  }
  if (arguments > shape.max_arguments) {
    const Token& surplus = statement.argument(shape.max_arguments);
    diagnostics.error(surplus.where,
                      "unexpected " + quoted(surplus.text) + " after " +
                          (shape.max_arguments == 0 ? keyword.text : "the value of " + keyword.text));
    return readable;
  }
  if (!shape.block && statement.has_block) {
    diagnostics.error(statement.open, "unexpected \"{\": " + keyword.text + " has no block");
    return false;
  }
  return true;
}

bool note_given(Diagnostics& diagnostics, Given& given, std::string_view keyword, const Shape& shape,
                const Statement& statement) {
  const auto [first, inserted] = given.emplace(keyword, statement.keyword().where);
  if (inserted || shape.repeatable)
    return true;
  diagnostics.error(statement.keyword().where, std::string{keyword} + " is given twice: first " +
                                                   place_text(first->second, statement.keyword().where));
  return false;
}

} // namespace xvrrp::config
