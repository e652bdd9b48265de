// SPDX-License-Identifier: BSD-2-Clause
#include "cli/table.hpp"

#include <algorithm>

namespace xvrrp::cli {
namespace {

std::string padding(std::size_t width, const std::string& text) {
  return std::string(width - std::min(width, text.size()), ' ');
}

} // namespace

std::string styled(const std::string& text, Style style, bool colours) {
  if (!colours || style == Style::Plain)
    return text;
  const char* const code = style == Style::Bold ? "1" : style == Style::Good ? "32" : "1;31";
  return std::string{"\033["} + code + "m" + text + "\033[0m";
}

std::string Table::text(bool colours) const {
  std::vector<std::size_t> widths;
  std::vector<Cell> titles;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_[i].title.size();
    for (const auto& row : rows_)
      width = std::max(width, row[i].text.size());
    widths.push_back(width);
    titles.push_back({columns_[i].title, Style::Bold});
  }
  std::string all;
  const auto add_line = [&](const std::vector<Cell>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space = padding(widths[i], row[i].text);
      const std::string word = styled(row[i].text, row[i].style, colours);
      line += columns_[i].align == Column::Align::Left ? word + space : space + word;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  };
  add_line(titles);
  for (const auto& row : rows_)
    add_line(row);
  return all;
}

} // namespace xvrrp::cli
