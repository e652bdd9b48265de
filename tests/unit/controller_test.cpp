// SPDX-License-Identifier: BSD-2-Clause
// The parts of the controller that need no kernel: its timers, its queues, what it publishes.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "controller/told.hpp"
#include "election/deadline_heap.hpp"
#include "election/published.hpp"
#include "election/spsc_queue.hpp"

namespace xvrrp::controller {
namespace {

Instant at(std::uint64_t ns) {
  return instant_from_ns(ns);
}

Transition transition(std::uint64_t number, core::State from, core::State to) {
  return {3, from, to, core::Reason::MasterSilent, at(number), {}, number};
}

RouterStatus status_after(std::uint64_t transitions, core::State state) {
  RouterStatus status;
  status.transitions = transitions;
  status.state = state;
  status.reason = core::Reason::HigherPriority;
  status.since = at(77);
  return status;
}

TEST(Told, EachOnceInOrder) {
  Told told;
  EXPECT_TRUE(told.hear(transition(1, core::State::Init, core::State::Backup)));
  EXPECT_TRUE(told.hear(transition(2, core::State::Backup, core::State::Master)));
  EXPECT_FALSE(told.hear(transition(2, core::State::Backup, core::State::Master)));
  EXPECT_FALSE(told.catch_up(3, status_after(2, core::State::Master)));
  EXPECT_EQ(told.take_lost(), 0u);
}

TEST(Told, TheLatestIsNeverLost) {
  Told told;
  EXPECT_TRUE(told.hear(transition(1, core::State::Init, core::State::Backup)));
  const auto last = told.catch_up(3, status_after(2, core::State::Master));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->router, 3u);
  EXPECT_EQ(last->from, core::State::Backup);
  EXPECT_EQ(last->to, core::State::Master);
  EXPECT_EQ(last->reason, core::Reason::HigherPriority);
  EXPECT_EQ(last->at, at(77));
  EXPECT_EQ(told.take_lost(), 0u);
  EXPECT_FALSE(told.hear(transition(2, core::State::Backup, core::State::Master))); // its report comes late
}

TEST(Told, WhatIsLostIsCounted) {
  Told told;
  EXPECT_TRUE(told.hear(transition(4, core::State::Master, core::State::Backup)));
  EXPECT_EQ(told.take_lost(), 3u);
  EXPECT_TRUE(told.catch_up(3, status_after(7, core::State::Backup))); // it came and went
  EXPECT_EQ(told.take_lost(), 2u);
  EXPECT_EQ(told.take_lost(), 0u);
  EXPECT_EQ(told.transitions(), 7u);
}

TEST(SpscQueue, ReservedRoomIsForOthers) {
  SpscQueue<int> queue{4};
  EXPECT_TRUE(queue.push(1, 2));
  EXPECT_TRUE(queue.push(2, 2));
  EXPECT_FALSE(queue.push(3, 2));
  EXPECT_TRUE(queue.push(4));
  EXPECT_TRUE(queue.push(5));
  EXPECT_FALSE(queue.push(6));
  for (const int expected : {1, 2, 4, 5})
    EXPECT_EQ(queue.pop(), expected);
  EXPECT_TRUE(queue.push(7, 3)); // around the end
  EXPECT_FALSE(queue.push(8, 3));
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
