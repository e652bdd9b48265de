// SPDX-License-Identifier: BSD-2-Clause
#include <gtest/gtest.h>

#include "controller/put_back_pace.hpp"

namespace xvrrp::controller {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const AddressKey kOne{3, {IpAddress::v4(10, 0, 0, 1), 24}};
const AddressKey kOther{4, {IpAddress::v4(10, 0, 0, 1), 24}};
const Instant kStart = instant_from_ns(1'000'000'000);

TEST(PutBackPace, ThirtyTimesAMinuteAtOnce) {
  PutBackPace pace;
  auto now = kStart;
  for (unsigned i = 0; i < PutBackPace::kAtOnce; ++i, now += milliseconds{10})
    ASSERT_TRUE(pace.allows(kOne, now, true, "one")) << i;
  EXPECT_FALSE(pace.allows(kOne, now, true, "one"));
  EXPECT_TRUE(pace.allows(kOther, now, true, "other"));
}

TEST(PutBackPace, ThenOnTheLookOfEverySecond) {
  PutBackPace pace;
  for (unsigned i = 0; i <= PutBackPace::kAtOnce; ++i)
    (void)pace.allows(kOne, kStart, true, "one");
  for (int second = 1; second < 60; ++second) {
    ASSERT_FALSE(pace.allows(kOne, kStart + seconds{second}, true, "one"));
    ASSERT_TRUE(pace.allows(kOne, kStart + seconds{second}, false, "one"));
  }
  EXPECT_TRUE(pace.allows(kOne, kStart + PutBackPace::kWindow, true, "one"));
}

} // namespace
} // namespace xvrrp::controller
