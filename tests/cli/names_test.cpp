// SPDX-License-Identifier: BSD-2-Clause
// Text from outside, as a terminal, a log or a file gets it.
#include <string>

#include <gtest/gtest.h>

#include <xvrrp/base/printable.hpp>

#include "cli/json.hpp"
#include "cli/table.hpp"

namespace xvrrp::cli {
namespace {

TEST(Printable, LeavesWhatShows) {
  for (const std::string text : {"", "VI_1", "a b\\x1b", "Zürich", "東京", "😀", "é"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_TRUE(is_printable(text));
  }
}

TEST(Printable, EscapesWhatATerminalObeys) {
  const std::pair<std::string, std::string> cases[] = {
      {std::string(1, '\0'), "\\x00"},
      {"\033[2J", "\\x1b[2J"},
      {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b"
       "2J",
       "\\xc2\\x9b2J"}, // C1's CSI
      {"\u202e", "\\xe2\\x80\\xae"},
      {"\u2028", "\\xe2\\x80\\xa8"},
      {"\u2066", "\\xe2\\x81\\xa6"},
  };
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(printable(text), shown);
    EXPECT_FALSE(is_printable(text)) << shown;
  }
  EXPECT_EQ(printable_lines("a\n\033b\n"), "a\n\\x1bb\n");
}

TEST(Printable, EscapesWhatIsNoUtf8) {
  const std::pair<std::string, std::string> cases[] = {
      {"\xff\xfe", "\\xff\\xfe"},          {"Z\xfcrich", "Z\\xfcrich"},         // Latin-1
      {"\xc0\xaf", "\\xc0\\xaf"},          {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"}, // longer than needed
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"\xe2\x82", "\\xe2\\x82"},          {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"}, // cut off
      {"\xe2\x28\xa1", "\\xe2(\\xa1"},
  };
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(printable(text), shown);
    EXPECT_FALSE(is_printable(text)) << shown;
  }
}

TEST(Printable, IsWhatTheViewsAreMadeOf) {
  const Json json{{"name", "a\033[2J\n"}};
  EXPECT_EQ(text_at(json, "name"), "a\\x1b[2J\\x0a");
  for (const auto& text : {pretty({{"n", "\x7f\xc2\x9b\xff\033"}}), compact({{"n", "\x7f\xc2\x9b\xff\033"}})})
    EXPECT_EQ(text.find_first_of("\033\x7f\xc2\xff"), std::string::npos) << text;
  Table table{{{"NAME"}, {"N", Column::Align::Right}}};
  table.add({{"a\033b"}, {"1"}});
  table.add({{"\u00fc"}, {"2"}});
  EXPECT_EQ(table.text(false), "NAME    N\na\\x1bb  1\n\u00fc       2\n");
}

} // namespace
} // namespace xvrrp::cli
