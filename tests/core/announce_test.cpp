// SPDX-License-Identifier: BSD-2-Clause
// When a Master announces its addresses.
#include <vector>

#include "lab.hpp"

namespace xvrrp::core {
namespace {

/// The milliseconds after the takeover at which a Master with this schedule announces its addresses.
std::vector<std::int64_t> announcements(const AnnounceSchedule& schedule, Nanoseconds during) {
  auto config = v3();
  config.announce = schedule;
  Lab lab(config);
  lab.master();
  const auto start = lab.now;
  std::vector<std::int64_t> times = {0}; // the takeover's own: see EachTakeoverBeginsTheScheduleAgain
  while (lab.router.deadline(TimerId::Announce)) {
    const auto actions = lab.expire(TimerId::Announce);
    if (lab.now - start > during)
      break;
    EXPECT_NE(find<AnnounceAddresses>(actions), nullptr);
    times.push_back((lab.now - start) / 1ms);
  }
  return times;
}

using Times = std::vector<std::int64_t>;

TEST(Announce, ABurstIsPaced) {
  EXPECT_EQ(announcements({.repeat = 5}, 1h), (Times{0, 100, 200, 300, 400}));
  EXPECT_EQ(announcements({.repeat = 1}, 1h), (Times{0}));
}

TEST(Announce, ASecondBurstFollows) {
  EXPECT_EQ(announcements({.repeat = 3, .second_burst_delay = 5s}, 1h),
            (Times{0, 100, 200, 5000, 5100, 5200}));
}

TEST(Announce, RefreshesGoOn) {
  EXPECT_EQ(announcements({.repeat = 2, .refresh_interval = 1s, .refresh_repeat = 2}, 2500ms),
            (Times{0, 100, 1000, 1100, 2000, 2100}));
}

TEST(Announce, ARefreshDuringTheSecondBurstIsPartOfIt) {
  EXPECT_EQ(announcements({.repeat = 3, .second_burst_delay = 1s, .refresh_interval = 1s}, 2500ms),
            (Times{0, 100, 200, 1000, 1100, 1200, 2000}));
}

TEST(Announce, ASecondBurstThatComesTooSoonWaitsForTheFirst) {
  EXPECT_EQ(announcements({.repeat = 4, .second_burst_delay = 250ms}, 1h),
            (Times{0, 100, 200, 300, 400, 500, 600, 700}));
}

TEST(Announce, APauseIsNotMadeUpForByABurst) {
  auto config = v3();
  config.announce = {.repeat = 1, .refresh_interval = 1s};
  Lab lab(config);
  lab.master();
  lab.advance(1min);
  const auto generation = lab.router.generation(TimerId::Announce);
  EXPECT_EQ(text(lab.step(TimerExpired{TimerId::Announce, generation})), "announce, arm Announce");
  EXPECT_EQ(lab.left(TimerId::Announce), 1s);
}

TEST(Announce, EachTakeoverBeginsTheScheduleAgain) {
  auto config = v3();
  config.announce = {.repeat = 5, .second_burst_delay = 5s};
  Lab lab(config);
  lab.backup();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(text(lab.expire(TimerId::MasterDown)),
              "advert, install, announce, arm Advertisement, arm Announce, enter");
    EXPECT_EQ(lab.left(TimerId::Announce), kAnnouncePacing);
    const auto stale = lab.router.generation(TimerId::Announce);
    EXPECT_EQ(text(lab.hear(200)), "remove, stop Advertisement, stop Announce, arm MasterDown, enter");
    lab.advance(kAnnouncePacing);
    EXPECT_EQ(text(lab.step(TimerExpired{TimerId::Announce, stale})), "") << "a Backup announces nothing";
  }
}

// ---- another router advertises, and loses ----

RouterConfig contested(std::uint16_t repeat, Nanoseconds delay = 0s) {
  auto config = v3();
  config.announce.contested_repeat = repeat;
  config.announce.contested_delay = delay;
  return config;
}

TEST(Contest, ABurstFollowsALosingAdvert) {
  Lab lab(contested(3));
  lab.master();
  lab.advance(500ms);
  EXPECT_NE(find<AnnounceAddresses>(lab.hear(50)), nullptr);
  for (int again = 0; again < 2; ++again)
    EXPECT_NE(find<AnnounceAddresses>(lab.expire(TimerId::Announce)), nullptr);
  EXPECT_FALSE(lab.router.deadline(TimerId::Announce));
}

TEST(Contest, ASecondBurstComesLater) {
  Lab lab(contested(1, 5s));
  lab.master();
  lab.hear(50);
  EXPECT_EQ(lab.left(TimerId::Announce), 5s);
}

TEST(Contest, ALoserThatDoesNotHearUsMakesNoStorm) {
  Lab lab(contested(1));
  lab.master();
  int announced = 0;
  for (int advert = 0; advert < 1000; ++advert) {
    lab.advance(10ms);
    announced += find<AnnounceAddresses>(lab.hear(50)) != nullptr ? 1 : 0;
  }
  EXPECT_EQ(announced, 10);
}

TEST(Contest, NoneIsWanted) {
  Lab lab(contested(0, 5s));
  lab.master();
  EXPECT_EQ(find<AnnounceAddresses>(lab.hear(50)), nullptr);
}

} // namespace
} // namespace xvrrp::core
