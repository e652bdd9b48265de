// SPDX-License-Identifier: BSD-2-Clause
// What stands between a file and its statements: included files, lines for one router only, definitions and
// repetitions. What is left are the lines that hold statements.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/source.hpp"

namespace xvrrp::config {

/// A line that holds a statement. Its text may be another than the file's, by definitions.
struct Line {
  std::string text;
  const Source* source = nullptr;
  unsigned number = 0;           ///< in the source
  std::vector<unsigned> columns; ///< for each byte of the text: where in the source's line it comes from

  /// Of the byte at `offset`; beyond the end, of the last.
  Position at(std::size_t offset) const;
};

/// The texts that positions point into. Its elements stay where they are.
using Sources = std::deque<Source>;

struct LineSink {
  std::function<void(const Line&)> take; ///< one more line
  std::function<void()> lose;            ///< a line was not read: what is missing there says nothing
};

/// Gives `sink` the lines of sources.front() and of all that it includes, which are appended to `sources`.
/// `config_id` is what "@ID" lines are compared with. Ends early when the diagnostics are full.
void read_lines(Sources& sources, const std::string& config_id, Diagnostics& diagnostics,
                const LineSink& sink);

} // namespace xvrrp::config
