// SPDX-License-Identifier: BSD-2-Clause
#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace xvrrp::cli {
namespace {

TEST(Table, CountsWhatATerminalShows) {
  Table table{{{"NAME"}, {"N", Column::Align::Right}}};
  table.add({{"caf\u00e9"}, {"1"}});
  table.add({{"e\u0301t\u00e9"}, {"2"}}); // an accent of its own takes no column
  table.add({{"\u6771\u4eac1"}, {"3"}});  // two each
  table.add({{"bad\xff"}, {"4"}});
  EXPECT_EQ(table.text(false), "NAME     N\n"
                               "caf\u00e9     1\n"
                               "e\u0301t\u00e9      2\n"
                               "\u6771\u4eac1    3\n"
                               "bad\\xff  4\n");
}

} // namespace
} // namespace xvrrp::cli
