// SPDX-License-Identifier: BSD-2-Clause
// Becoming and being Master: R45..R61 of the requirements (RFC 9568 6.4.2 and 6.4.3).
#include "lab.hpp"

namespace xvrrp::core {
namespace {

class Master : public BothVersions {};
XVRRP_FOR_BOTH_VERSIONS(Master);

TEST_P(Master, R45_AdvertThenAddressesThenAnnouncement) {
  Lab lab(config());
  lab.backup();
  const auto actions = lab.expire(TimerId::MasterDown);
  EXPECT_EQ(text(actions), "advert, install, announce, arm Advertisement, enter");
  EXPECT_EQ(find<SendAdvert>(actions)->priority, 100);
  EXPECT_EQ(lab.router.master(), (MasterSeen{kOurs, 100}));
}

TEST_P(Master, R46_PeriodDoesNotDrift) {
  Lab lab(config());
  lab.master();
  const auto first = lab.now;
  for (int i = 1; i <= 100; ++i) {
    lab.now = *lab.router.deadline(TimerId::Advertisement) + 3ms; // every wake-up is late
    ASSERT_EQ(
        text(lab.step(TimerExpired{TimerId::Advertisement, lab.router.generation(TimerId::Advertisement)})),
        "advert, arm Advertisement");
    ASSERT_EQ(*lab.router.deadline(TimerId::Advertisement), first + (i + 1) * 1s);
  }
}

TEST_P(Master, APauseIsNotMadeUpForByABurst) {
  for (const Nanoseconds late : {Nanoseconds{1s}, Nanoseconds{10s}}) {
    Lab lab(config());
    lab.master();
    lab.now = *lab.router.deadline(TimerId::Advertisement) + late;
    lab.step(TimerExpired{TimerId::Advertisement, lab.router.generation(TimerId::Advertisement)});
    EXPECT_EQ(lab.left(TimerId::Advertisement), 1s);
  }
}

TEST_P(Master, EachAdvertGivesAdvertisementANewGeneration) {
  Lab lab(config());
  lab.master();
  const auto stale = lab.router.generation(TimerId::Advertisement);
  lab.expire(TimerId::Advertisement);
  lab.advance(1h);
  EXPECT_EQ(text(lab.step(TimerExpired{TimerId::Advertisement, stale})), "");
}

TEST_P(Master, R47_PriorityZeroIsAnsweredAndRestartsThePeriod) {
  Lab lab(config());
  lab.master();
  lab.advance(400ms);
  EXPECT_EQ(text(lab.hear(0)), "advert, arm Advertisement");
  EXPECT_EQ(lab.left(TimerId::Advertisement), 1s);
  EXPECT_EQ(lab.router.state(), State::Master);
}

TEST(MasterRouter, R48_YieldsToHigherPriorityAndLearnsItsInterval) {
  Lab lab(v3());
  lab.master();
  EXPECT_EQ(text(lab.hear(101, kLower, 3s)), "remove, stop Advertisement, arm MasterDown, enter");
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.router.reason(), Reason::HigherPriority);
  EXPECT_EQ(lab.router.master(), (MasterSeen{kLower, 101}));
  EXPECT_EQ(lab.router.master_adver_interval(), 3s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 10'828'125'000ns);
}

TEST(MasterRouter, R48_V2YieldsWithItsOwnInterval) {
  Lab lab(v2());
  lab.master();
  lab.hear(101, kLower, 3s);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
}

struct TieRow {
  const char* ours;
  const char* theirs;
  bool yields;
};

// A signed, textual or host-order comparison fails one of these.
constexpr TieRow kTies[] = {
    {"192.0.2.251", "192.0.2.252", true},
    {"192.0.2.251", "192.0.2.9", false},
    {"192.0.2.251", "10.0.0.252", false},
    {"10.0.0.252", "192.0.2.1", true},
    {"127.255.255.255", "128.0.0.0", true},
    {"1.0.0.2", "2.0.0.1", true},
    {"2.0.0.1", "1.0.0.2", false},
    {"fe80::fb", "fe80::fc", true},
    {"fe80::fc", "fe80::fb", false},
    {"fe80::ffff", "fe80::1:0", true},
    {"fe80::1:0", "fe80::ffff", false},
    {"fe80::7fff:0:0:1", "fe80::8000:0:0:1", true},
    {"fe80::8000:0:0:1", "fe80::7fff:0:0:1", false},
};

TEST(MasterRouter, R49_R50_R51_EqualPriorityYieldsToTheGreaterAddress) {
  for (const auto& row : kTies) {
    SCOPED_TRACE(std::string(row.ours) + " hears " + row.theirs);
    auto config = v3();
    config.primary_address = *IpAddress::parse(row.ours);
    config.family = config.primary_address.family();
    Lab lab(config);
    lab.master();
    const auto actions = lab.hear(100, *IpAddress::parse(row.theirs));
    if (row.yields) {
      EXPECT_EQ(text(actions), "remove, stop Advertisement, arm MasterDown, enter");
      EXPECT_EQ(lab.router.reason(), Reason::HigherAddress);
    } else {
      EXPECT_EQ(text(actions), "advert");
      EXPECT_EQ(lab.router.state(), State::Master);
    }
  }
}

TEST_P(Master, R52_R54_LowerPriorityIsAnsweredAtOnceAndThePeriodRunsOn) {
  Lab lab(config());
  lab.master();
  lab.advance(400ms);
  const auto actions = lab.hear(99);
  EXPECT_EQ(text(actions), "advert");
  EXPECT_EQ(find<SendAdvert>(actions)->priority, 100);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 600ms);
  EXPECT_EQ(lab.router.state(), State::Master);
}

TEST_P(Master, R53_EqualPriorityAndLowerAddressIsAnswered) {
  Lab lab(config());
  lab.master();
  EXPECT_EQ(text(lab.hear(100, kLower)), "advert");
}

TEST_P(Master, R54_AnsweringCanBeTurnedOff) {
  Lab lab(with(config(), [](RouterConfig& c) { c.answer_lower_priority = false; }));
  lab.master();
  EXPECT_EQ(text(lab.hear(99)), "");
  EXPECT_EQ(text(lab.hear(0)), "advert, arm Advertisement") << "this one is not a losing advert";
}

TEST_P(Master, R55_PreemptModeIsNotConsidered) {
  Lab lab(with(config(), [](RouterConfig& c) { c.preempt = false; }));
  lab.master();
  EXPECT_EQ(text(lab.hear(99)), "advert");
  EXPECT_EQ(lab.router.state(), State::Master);
  lab.hear(101);
  EXPECT_EQ(lab.router.state(), State::Backup);
}

TEST_P(Master, R56_ShutdownResignsAndFallsSilent) {
  Lab lab(config());
  lab.master();
  const auto generation = lab.router.generation(TimerId::Advertisement);
  EXPECT_EQ(text(lab.step(Shutdown{})), "advert 0, remove, stop Advertisement, enter");
  EXPECT_EQ(lab.router.state(), State::Init);
  lab.advance(1s);
  EXPECT_EQ(text(lab.step(TimerExpired{TimerId::Advertisement, generation})), "");
  EXPECT_EQ(text(lab.hear(50)), "");
}

TEST_P(Master, R57_ARestartGoesThroughBackup) {
  Lab lab(config());
  lab.master();
  lab.step(Shutdown{});
  EXPECT_EQ(text(lab.startup()), "arm MasterDown, enter");
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
}

TEST_P(Master, R58_AnAdvertFromOurOwnAddressIsNotAnswered) {
  Lab lab(config());
  lab.master();
  for (const auto priority : std::initializer_list<std::uint8_t>{100, 50})
    EXPECT_EQ(text(lab.hear(priority, kOurs)), "");
  EXPECT_EQ(lab.router.state(), State::Master);
}

std::size_t answers_in_a_second(const RouterConfig& config, Nanoseconds gap) {
  Lab lab(config);
  lab.master();
  const auto end = lab.now + 1s;
  std::size_t answers = 0;
  for (; lab.now < end; lab.advance(gap))
    answers += lab.hear(50).size();
  EXPECT_EQ(lab.router.state(), State::Master);
  return answers;
}

TEST(MasterRouter, R59_AnswersAreRateLimited) {
  EXPECT_EQ(answers_in_a_second(v3(), 1ms), 100u);
  EXPECT_EQ(answers_in_a_second(v3(), 1us), 100u);
  EXPECT_EQ(answers_in_a_second(v3(100, 10ms), 1us), 200u) << "at 10 ms the guard is half an interval";
  EXPECT_EQ(answers_in_a_second(v3(), 10ms), 100u) << "a slow loser is always answered";
}

TEST_P(Master, TheFirstLosingAdvertOfEachMastershipIsAnswered) {
  Lab lab(config());
  lab.master();
  EXPECT_EQ(text(lab.hear(50)), "advert");
  lab.step(Shutdown{});
  lab.master();
  lab.now -= 3600ms; // no time passes between the two
  EXPECT_EQ(text(lab.hear(50)), "advert");
}

TEST_P(Master, R61_TwoOwnersAreDecidedByAddress) {
  Lab lab(config(255));
  lab.master();
  EXPECT_EQ(text(lab.hear(255, kLower)), "advert");
  lab.hear(255, kGreater);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.router.reason(), Reason::HigherAddress);
}

TEST_P(Master, AdvertisesOnceMoreWhenYieldingIfWanted) {
  Lab lab(with(config(), [](RouterConfig& c) { c.advertise_when_yielding = true; }));
  lab.master();
  const auto actions = lab.hear(101);
  EXPECT_EQ(text(actions), "advert, remove, stop Advertisement, arm MasterDown, enter");
  EXPECT_EQ(find<SendAdvert>(actions)->priority, 100);
}

} // namespace
} // namespace xvrrp::core
