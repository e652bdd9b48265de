// SPDX-License-Identifier: BSD-2-Clause
// Which scripts of a virtual router wait, and which are given up.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/errand_queues.hpp"

namespace xvrrp::platform {
namespace {

enum Kind : std::uint8_t { kState, kAny, kLosing };

Errand errand(const std::string& word, std::uint8_t kind = kState, const std::string& queue = "one") {
  return {queue, kind, kind == kLosing, word == "STOP", {{word}, 0, 0, false}};
}

std::vector<std::string> rest(ErrandQueues& queues, const std::string& queue = "one") {
  std::vector<std::string> words;
  while (const auto next = queues.take(queue)) {
    words.push_back(next->program.argv.front());
    queues.end(queue);
  }
  return words;
}

using Words = std::vector<std::string>;

TEST(ErrandQueues, OneOfAQueueRunsAtATime) {
  ErrandQueues queues;
  for (const auto* word : {"a", "b", "c"})
    queues.push(errand(word));
  queues.push(errand("other", kState, "two"));
  ASSERT_TRUE(queues.take("one"));
  EXPECT_FALSE(queues.take("one"));
  EXPECT_TRUE(queues.take("two"));
  queues.end("one");
  EXPECT_EQ(rest(queues), (Words{"b", "c"}));
  EXPECT_FALSE(queues.idle());
  queues.end("two");
  EXPECT_TRUE(queues.idle());
}

TEST(ErrandQueues, UnderPressureTheOldestGoesThatAnotherOfItsKindFollows) {
  ErrandQueues queues;
  queues.push(errand("only one of its kind", kAny));
  for (int number = 0; number < 100; ++number)
    queues.push(errand(std::to_string(number)));
  EXPECT_EQ(queues.take_skipped("one"), 101 - ErrandQueues::kMostWaiting);
  EXPECT_EQ(queues.take_skipped("one"), 0U);
  EXPECT_EQ(queues.skipped(), 101 - ErrandQueues::kMostWaiting);
  const auto words = rest(queues);
  ASSERT_EQ(words.size(), ErrandQueues::kMostWaiting);
  EXPECT_EQ(words.front(), "only one of its kind");
  EXPECT_EQ(words[1], std::to_string(101 - ErrandQueues::kMostWaiting));
  EXPECT_EQ(words.back(), "99");
}

TEST(ErrandQueues, BehindOneThatHungTheLastOfEachKindIsLeft) {
  ErrandQueues queues;
  queues.push(errand("hangs"));
  ASSERT_TRUE(queues.take("one"));
  for (const auto* word : {"BACKUP", "MASTER", "FAULT"}) {
    queues.push(errand(word));
    queues.push(errand(std::string{"any "} + word, kAny));
  }
  queues.keep_last("one");
  queues.end("one");
  EXPECT_EQ(queues.take_skipped("one"), 4U);
  EXPECT_EQ(rest(queues), (Words{"FAULT", "any FAULT"}));
  EXPECT_TRUE(queues.idle());
}

TEST(ErrandQueues, AtTheEndOnlyWhatBelongsToItIsLeft) {
  ErrandQueues queues;
  for (const auto* word : {"MASTER", "FAULT", "STOP"})
    queues.push(errand(word));
  queues.push(errand("FAULT", kState, "two"));
  ASSERT_TRUE(queues.take("one"));
  queues.keep_end();
  EXPECT_EQ(queues.skipped(), 2U);
  EXPECT_FALSE(queues.take("two"));
  queues.end("one");
  EXPECT_EQ(rest(queues), (Words{"STOP"}));
  EXPECT_TRUE(queues.idle());
}

TEST(ErrandQueues, WhatIsWantedOnceWaitsOnce) {
  ErrandQueues queues;
  for (const auto* word : {"lower", "lower"})
    queues.push(errand(word, kLosing));
  ASSERT_TRUE(queues.take("one"));
  for (const auto* word : {"lower", "lower", "lower"})
    queues.push(errand(word, kLosing));
  queues.end("one");
  EXPECT_EQ(rest(queues), (Words{"lower"}));
}

} // namespace
} // namespace xvrrp::platform
