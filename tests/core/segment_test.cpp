// SPDX-License-Identifier: BSD-2-Clause
// Several routers on one loss-free link with a fixed delay: R64 and R65 of the requirements.
#include <deque>
#include <limits>
#include <vector>

#include "lab.hpp"

namespace xvrrp::core {
namespace {

class Segment {
public:
  static constexpr Nanoseconds kDelay = 50us;

  std::size_t add(RouterConfig config, const IpAddress& address) {
    config.primary_address = address;
    hosts_.push_back({Router(config), 0});
    return hosts_.size() - 1;
  }

  const Router& router(std::size_t host) const { return hosts_[host].router; }
  std::size_t adverts(std::size_t host) const { return hosts_[host].adverts; }
  Instant now() const { return now_; }

  void tell(std::size_t host, const Event& event) { execute(host, hosts_[host].router.step(now_, event)); }

  /// A crash: the router is replaced by one that was never started, without a word to the others.
  void kill(std::size_t host) { hosts_[host].router = Router(hosts_[host].router.config()); }

  void run_for(Nanoseconds duration) {
    const Instant end = now_ + duration;
    while (happen_next(end)) {
    }
    now_ = end;
  }

  std::vector<std::size_t> masters() const {
    std::vector<std::size_t> found;
    for (std::size_t host = 0; host < hosts_.size(); ++host) {
      if (router(host).state() == State::Master)
        found.push_back(host);
    }
    return found;
  }

private:
  struct Host {
    Router router;
    std::size_t adverts;
  };
  struct Flying {
    Instant arrival;
    std::size_t from;
    Advert advert;
  };
  struct Due {
    Instant at;
    std::size_t host;
    TimerId timer;
  };

  /// The next arrival or expiry before `end`, if there is one.
  bool happen_next(Instant end) {
    const Due due = next_timer();
    if (!flying_.empty() && flying_.front().arrival <= due.at) {
      if (flying_.front().arrival >= end)
        return false;
      const Flying arriving = flying_.front();
      flying_.pop_front();
      now_ = arriving.arrival;
      for (std::size_t host = 0; host < hosts_.size(); ++host) {
        if (host != arriving.from)
          tell(host, AdvertReceived{arriving.advert});
      }
      return true;
    }
    if (due.at >= end)
      return false;
    now_ = due.at;
    tell(due.host, TimerExpired{due.timer, router(due.host).generation(due.timer)});
    return true;
  }

  Due next_timer() const {
    Due next{Instant::max(), 0, TimerId::MasterDown};
    for (std::size_t host = 0; host < hosts_.size(); ++host) {
      for (std::size_t i = 0; i < kTimerCount; ++i) {
        const auto id = static_cast<TimerId>(i);
        const auto deadline = router(host).deadline(id);
        if (deadline && *deadline < next.at)
          next = {*deadline, host, id};
      }
    }
    return next;
  }

  void execute(std::size_t host, const Actions& actions) {
    for (const auto& action : actions) {
      if (const auto* send = std::get_if<SendAdvert>(&action)) {
        const auto& config = router(host).config();
        flying_.push_back(
            {now_ + kDelay, host, {config.primary_address, send->priority, config.advertisement_interval}});
        ++hosts_[host].adverts;
      }
    }
  }

  Instant now_ = instant_from_ns(1'000'000'000);
  std::vector<Host> hosts_;
  std::deque<Flying> flying_;
};

using Hosts = std::vector<std::size_t>;

class OnASegment : public BothVersions {};
XVRRP_FOR_BOTH_VERSIONS(OnASegment);

TEST_P(OnASegment, R64_ThreeRoutersFailOverAndBackInOrder) {
  Segment segment;
  const auto low = segment.add(config(100), IpAddress::v4(192, 0, 2, 3));
  const auto middle = segment.add(config(150), IpAddress::v4(192, 0, 2, 2));
  const auto high = segment.add(config(200), IpAddress::v4(192, 0, 2, 1));
  for (const auto host : {low, middle, high})
    segment.tell(host, Startup{});
  segment.run_for(10s);
  EXPECT_EQ(segment.masters(), Hosts{high});
  EXPECT_EQ(segment.adverts(middle), 0u);

  segment.kill(high);
  segment.run_for(segment.router(middle).master_down_interval());
  segment.run_for(1ms);
  EXPECT_EQ(segment.masters(), Hosts{middle});
  segment.run_for(10s);

  segment.tell(high, Startup{});
  segment.run_for(10s);
  EXPECT_EQ(segment.masters(), Hosts{high});
  EXPECT_EQ(segment.router(high).reason(), Reason::Preempted);
  EXPECT_EQ(segment.router(middle).reason(), Reason::HigherPriority);
  EXPECT_EQ(segment.adverts(low), 0u) << "the lowest priority never advertised";
}

TEST_P(OnASegment, GracefulStopHandsOverAfterSkewTime) {
  Segment segment;
  const auto low = segment.add(config(100), IpAddress::v4(192, 0, 2, 3));
  const auto high = segment.add(config(200), IpAddress::v4(192, 0, 2, 1));
  for (const auto host : {low, high})
    segment.tell(host, Startup{});
  segment.run_for(10s);
  const auto stopped = segment.now();
  segment.tell(high, Shutdown{});
  segment.run_for(5s);
  EXPECT_EQ(segment.masters(), Hosts{low});
  EXPECT_EQ(segment.router(low).reason(), Reason::MasterResigned);
  EXPECT_EQ(segment.router(low).since(), stopped + Segment::kDelay + segment.router(low).skew_time());
}

TEST_P(OnASegment, R65_TwoEqualPrioritiesStartedTogetherEndWithTheGreaterAddress) {
  Segment segment;
  const auto lower = segment.add(config(100), IpAddress::v4(10, 0, 0, 200));
  const auto greater = segment.add(config(100), IpAddress::v4(192, 0, 2, 1));
  for (const auto host : {lower, greater})
    segment.tell(host, Startup{});
  segment.run_for(segment.router(lower).master_down_interval());
  segment.run_for(1s); // one interval after the double claim
  EXPECT_EQ(segment.masters(), Hosts{greater});
  EXPECT_EQ(segment.router(lower).reason(), Reason::HigherAddress);
  const auto adverts = segment.adverts(greater);
  segment.run_for(100s);
  EXPECT_EQ(segment.masters(), Hosts{greater});
  EXPECT_EQ(segment.adverts(greater) - adverts, 100u) << "no storm is left behind";
}

TEST(OnASegmentAt10Milliseconds, PrioritiesThatDifferNeverTakeOverTogether) {
  Segment segment;
  const auto low = segment.add(v3(100, 10ms), IpAddress::v4(192, 0, 2, 3));
  const auto middle = segment.add(v3(110, 10ms), IpAddress::v4(192, 0, 2, 2));
  const auto high = segment.add(v3(200, 10ms), IpAddress::v4(192, 0, 2, 1));
  for (const auto host : {low, middle, high})
    segment.tell(host, Startup{});
  segment.run_for(1s);
  EXPECT_EQ(segment.masters(), Hosts{high});
  segment.kill(high);
  segment.run_for(1s);
  EXPECT_EQ(segment.masters(), Hosts{middle});
  EXPECT_EQ(segment.adverts(low), 0u);
}

TEST_P(OnASegment, R58_TwoRoutersWithOneAddressDoNotStorm) {
  Segment segment;
  const auto one = segment.add(config(100), kOurs);
  const auto other = segment.add(config(100), kOurs);
  for (const auto host : {one, other})
    segment.tell(host, Startup{});
  segment.run_for(103s);
  EXPECT_LE(segment.adverts(one) + segment.adverts(other), 2u * 101u);
}

} // namespace
} // namespace xvrrp::core
