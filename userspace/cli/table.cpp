// SPDX-License-Identifier: BSD-2-Clause
#include "cli/table.hpp"

#include <algorithm>
#include <cwchar>

#include <locale.h>
#include <wchar.h>

#include <xvrrp/base/printable.hpp>

#include "cli/terminal.hpp"

namespace xvrrp::cli {
namespace {

/// Of a terminal. What is no UTF-8, and no character, is taken for one column a byte.
std::size_t columns_of(const std::string& text) {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr); // in every glibc
  const auto before = ::uselocale(utf8);
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    wchar_t character = 0;
    std::mbstate_t state{};
    const auto length = std::mbrtowc(&character, &text[at], text.size() - at, &state);
    const bool is_character = length - 1 < text.size(); // neither 0 nor one of the errors, which are huge
    columns += static_cast<std::size_t>(is_character ? std::max(0, ::wcwidth(character)) : 1);
    at += is_character ? length : 1;
  }
  ::uselocale(before);
  return columns;
}

std::string padding(std::size_t width, const std::string& text) {
  return std::string(width - std::min(width, columns_of(text)), ' ');
}

} // namespace

std::string styled(const std::string& text, Style style, bool colours) {
  if (!colours || style == Style::Plain)
    return text;
  return kStyles[style == Style::Bold ? 0 : style == Style::Good ? 1 : 2] + text + kPlain;
}

void Table::add(std::vector<Cell> row) {
  for (auto& cell : row)
    cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::text(bool colours) const {
  std::vector<std::size_t> widths;
  std::vector<Cell> titles;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_of(columns_[i].title);
    for (const auto& row : rows_)
      width = std::max(width, columns_of(row[i].text));
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
