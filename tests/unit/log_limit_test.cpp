// SPDX-License-Identifier: BSD-2-Clause
#include "controller/log_limit.hpp"

#include <gtest/gtest.h>

namespace xvrrp::controller {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1h};
constexpr unsigned kAtOnce = LogRate{}.at_once;

/// How many of the lines, one each `gap`, are logged.
unsigned logged(LogLimit& limit, const std::string& kind, Instant& now, unsigned lines, Nanoseconds gap) {
  unsigned count = 0;
  for (unsigned line = 0; line < lines; ++line, now += gap)
    count += limit.admit(kind, now) ? 1 : 0;
  return count;
}

TEST(LogLimit, AllowsSomeAtOnceAndThenOneASecond) {
  LogLimit limit;
  Instant now = kStart;
  EXPECT_EQ(logged(limit, "a", now, 1000, 1ns), kAtOnce);
  now = kStart + 1s;
  EXPECT_EQ(logged(limit, "a", now, 1000, 10ms), 10u) << "ten seconds of 100 a second";
}

TEST(LogLimit, SaysHowManyWereLeftOut) {
  LogLimit limit;
  Instant now = kStart;
  logged(limit, "a", now, kAtOnce + 7, 0ns);
  EXPECT_EQ(limit.admit("a", now + 1s), 7u);
  EXPECT_EQ(limit.admit("a", now + 2s), 0u);
}

TEST(LogLimit, ARateMayBeAnother) {
  LogLimit limit;
  EXPECT_TRUE(limit.admit("a", kStart, {1, 1min}));
  EXPECT_FALSE(limit.admit("a", kStart + 59s, {1, 1min}));
  EXPECT_EQ(limit.admit("a", kStart + 1min, {1, 1min}), 1u);
}

TEST(LogLimit, KindsDoNotMatterToEachOther) {
  LogLimit limit;
  Instant now = kStart;
  logged(limit, "a", now, 100, 0ns);
  EXPECT_TRUE(limit.admit("b", now));
}

TEST(LogLimit, QuietBringsAllOfItBack) {
  LogLimit limit;
  Instant now = kStart;
  logged(limit, "a", now, 100, 0ns);
  now += 1h;
  EXPECT_EQ(logged(limit, "a", now, 100, 0ns), kAtOnce);
}

} // namespace
} // namespace xvrrp::controller
