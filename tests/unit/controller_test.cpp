// SPDX-License-Identifier: BSD-2-Clause
// The parts of the controller that need no kernel: its timers, its queues, what it publishes.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "controller/deadline_heap.hpp"
#include "controller/published.hpp"
#include "controller/spsc_queue.hpp"

namespace xvrrp::controller {
namespace {

Instant at(std::uint64_t ns) {
  return instant_from_ns(ns);
}

TEST(DeadlineHeap, AgreesWithASortedMap) {
  constexpr std::size_t kTimers = 100;
  DeadlineHeap heap{kTimers};
  std::map<std::size_t, Instant> armed;
  std::mt19937 random{42};
  std::uint64_t clock = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::size_t timer = random() % kTimers;
    if (random() % 4 == 0) {
      heap.disarm(timer);
      armed.erase(timer);
    } else {
      const auto deadline = at(clock + random() % 1000);
      heap.arm(timer, deadline);
      armed[timer] = deadline;
    }
    clock += random() % 50;
    while (const auto due = heap.pop_due(at(clock))) {
      ASSERT_EQ(armed.count(*due), 1u);
      const auto expired = armed[*due];
      armed.erase(*due);
      ASSERT_LE(expired, at(clock));
      for (const auto& [other, deadline] : armed)
        ASSERT_LE(expired, deadline) << "timer " << *due << " before " << other;
    }
    for (const auto& [other, deadline] : armed)
      ASSERT_GT(deadline, at(clock)) << other;
    ASSERT_EQ(heap.earliest().has_value(), !armed.empty());
  }
}

TEST(SpscQueue, RefusesWhenFullAndKeepsTheOrder) {
  SpscQueue<int> queue{3};
  EXPECT_FALSE(queue.pop());
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i)
      EXPECT_TRUE(queue.push(i));
    EXPECT_FALSE(queue.push(3));
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(queue.pop(), i);
    EXPECT_FALSE(queue.pop());
  }
}

TEST(SpscQueue, LosesNothingBetweenThreads) {
  constexpr int kItems = 200000;
  SpscQueue<int> queue{16};
  std::thread producer{[&] {
    for (int i = 0; i < kItems;) {
      if (queue.push(i))
        ++i;
      else
        std::this_thread::yield();
    }
  }};
  for (int expected = 0; expected < kItems;) {
    if (const auto item = queue.pop())
      ASSERT_EQ(*item, expected++);
    else
      std::this_thread::yield();
  }
  producer.join();
}

// Whatever is read was published as a whole: all of its words are the same.
TEST(Published, IsNeverTorn) {
  struct Wide {
    std::uint64_t words[12];
  };
  Published<Wide> published;
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    for (std::uint64_t i = 1; i <= 200000; ++i) {
      Wide value{};
      std::fill(std::begin(value.words), std::end(value.words), i);
      published.publish(value);
    }
    done = true;
  }};
  std::uint64_t last = 0;
  while (!done) {
    const Wide value = published.read();
    for (const auto word : value.words)
      ASSERT_EQ(word, value.words[0]);
    ASSERT_GE(value.words[0], last);
    last = value.words[0];
  }
  writer.join();
  EXPECT_EQ(published.read().words[0], 200000u);
}

} // namespace
} // namespace xvrrp::controller
