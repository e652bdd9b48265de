// SPDX-License-Identifier: BSD-2-Clause
#include "cli/durations.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;

TEST(Durations, ReadableAtEveryScale) {
  EXPECT_EQ(duration_text(0ns), "0 ms");
  EXPECT_EQ(duration_text(13us), "0.013 ms");
  EXPECT_EQ(duration_text(36'090us), "36.09 ms");
  EXPECT_EQ(duration_text(1s), "1 s");
  EXPECT_EQ(duration_text(3'609'375us), "3.609 s");
  EXPECT_EQ(duration_text(125s), "2 min 5 s");
  EXPECT_EQ(duration_text(3h + 2min + 59s), "3 h 2 min");
  EXPECT_EQ(duration_text(97h), "4 d 1 h");
}

TEST(Durations, FromNumbersOfAnotherProgram) {
  EXPECT_EQ(from_ms(36.09), 36'090us);
  EXPECT_EQ(from_s(12.5), 12'500ms);
  EXPECT_EQ(from_ms(-1), 0ns);
  EXPECT_GT(from_ms(std::numeric_limits<double>::infinity()), 100h);
  EXPECT_GT(from_s(1e300), 100h);
}

} // namespace
} // namespace xvrrp::cli
