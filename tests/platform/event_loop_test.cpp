// SPDX-License-Identifier: BSD-2-Clause
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "platform/clock.hpp"
#include "platform/epoll.hpp"
#include "platform/event_fd.hpp"
#include "platform/signal_fd.hpp"
#include "platform/timer_fd.hpp"

namespace xvrrp::platform {
namespace {

using namespace std::chrono_literals;

TEST(EventLoop, TimerFiresAtItsDeadlineAndOnce) {
  auto epoll = Epoll::create();
  auto timer = TimerFd::create();
  ASSERT_TRUE(epoll && timer);
  ASSERT_TRUE(epoll->add(timer->fd(), 42));

  const Instant deadline = monotonic_now() + 20ms;
  timer->arm(deadline);
  EXPECT_TRUE(epoll->wait(1ms).empty());
  const auto events = epoll->wait();
  EXPECT_GE(monotonic_now(), deadline);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].token, 42U);
  EXPECT_TRUE(timer->drain());
  EXPECT_FALSE(timer->drain());
  EXPECT_TRUE(epoll->wait(0ns).empty());
}

TEST(EventLoop, DeadlineInThePastFiresAtOnceAndDisarmSilences) {
  auto epoll = Epoll::create();
  auto timer = TimerFd::create();
  ASSERT_TRUE(epoll && timer);
  ASSERT_TRUE(epoll->add(timer->fd(), 1));
  timer->arm(Instant{});
  EXPECT_EQ(epoll->wait(1s).size(), 1U);
  timer->arm(monotonic_now() + 10ms);
  timer->disarm();
  EXPECT_TRUE(epoll->wait(30ms).empty());
}

TEST(EventLoop, NotificationsCrossThreadsAndCollapse) {
  auto epoll = Epoll::create();
  auto event = EventFd::create();
  ASSERT_TRUE(epoll && event);
  ASSERT_TRUE(epoll->add(event->fd(), 7));
  std::thread{[&] {
    event->notify();
    event->notify();
  }}.join();
  EXPECT_EQ(epoll->wait().size(), 1U);
  EXPECT_TRUE(event->drain());
  EXPECT_FALSE(event->drain());
  ASSERT_TRUE(epoll->remove(event->fd()));
  event->notify();
  EXPECT_TRUE(epoll->wait(0ns).empty());
  EXPECT_FALSE(epoll->remove(event->fd()));
}

TEST(EventLoop, MoreReadyThanAWaitHoldsComeWithTheNext) {
  auto epoll = Epoll::create();
  ASSERT_TRUE(epoll);
  std::vector<EventFd> events;
  for (std::size_t i = 0; i < Epoll::kMaxEvents + 10; ++i) {
    auto event = EventFd::create();
    ASSERT_TRUE(event);
    event->notify();
    ASSERT_TRUE(epoll->add(event->fd(), i));
    events.push_back(std::move(*event));
  }
  std::size_t seen = 0;
  for (auto ready = epoll->wait(0ns); !ready.empty(); ready = epoll->wait(0ns)) {
    for (const auto& event : ready)
      events.at(event.token).drain();
    seen += ready.size();
  }
  EXPECT_EQ(seen, events.size());
}

TEST(EventLoop, SignalsAreReadInsteadOfDelivered) {
  // In a thread: the blocked mask is the thread's and must not outlive the test.
  std::thread{[] {
    auto signals = SignalFd::create({SIGUSR1, SIGUSR2});
    ASSERT_TRUE(signals);
    EXPECT_EQ(signals->next(), std::nullopt);
    ::pthread_kill(::pthread_self(), SIGUSR2);
    EXPECT_EQ(signals->next(), SIGUSR2);
    EXPECT_EQ(signals->next(), std::nullopt);
  }}.join();
}

} // namespace
} // namespace xvrrp::platform
