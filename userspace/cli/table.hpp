// SPDX-License-Identifier: BSD-2-Clause
// Text in columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xvrrp::cli {

enum class Style : std::uint8_t { Plain, Bold, Good, Bad };
/// The text in the escape sequences of its style, if colours are wanted.
std::string styled(const std::string& text, Style style, bool colours);

struct Column {
  std::string title;
  enum class Align : std::uint8_t { Left, Right } align = Align::Left;
};

struct Cell {
  std::string text;
  Style style = Style::Plain;
};

/// Rows under a line of titles; each column is as wide as its widest text, as a terminal shows UTF-8.
class Table {
public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as there are columns; their texts stand there as printable() has them.
  void add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }
  std::string text(bool colours) const;

private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

} // namespace xvrrp::cli
