// SPDX-License-Identifier: BSD-2-Clause
// "~SEQ(NAME, [START, [STEP,]] END) TEXT" and "~LST(NAME, VALUE, ...) TEXT": a line for each value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xvrrp::config {

bool is_repetition(std::string_view text);

/// What such a line says.
struct Repetition {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rounds; ///< a value for each name
  std::size_t text = 0;                         ///< where the text to repeat begins
  std::string problem;                          ///< why it cannot be read; else empty
};
Repetition read_repetition(std::string_view line);

} // namespace xvrrp::config
