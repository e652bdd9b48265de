// SPDX-License-Identifier: BSD-2-Clause
// Startup and the Backup state: R26..R44 of the requirements (RFC 9568 6.4.1 and 6.4.2).
#include "lab.hpp"

namespace xvrrp::core {
namespace {

class Backup : public BothVersions {};
XVRRP_FOR_BOTH_VERSIONS(Backup);

TEST(Router, IsStoppedBeforeTheFirstStart) {
  Lab lab(v3());
  EXPECT_EQ(lab.router.state(), State::Init);
  EXPECT_EQ(lab.router.reason(), Reason::Shutdown);
  EXPECT_EQ(lab.router.master(), std::nullopt);
  EXPECT_EQ(text(lab.hear(0)), "");
  EXPECT_EQ(text(lab.step(Shutdown{})), "");
}

TEST_P(Backup, R26_OwnerIsMasterAtOnce) {
  Lab lab(config(255));
  const auto actions = lab.startup();
  EXPECT_EQ(text(actions), "advert, install, announce, arm Advertisement, enter");
  EXPECT_EQ(find<SendAdvert>(actions)->priority, 255);
  EXPECT_EQ(lab.router.state(), State::Master);
  EXPECT_EQ(lab.router.reason(), Reason::OwnerStartup);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 1s);
}

TEST_P(Backup, R27_IsSilentForMasterDownIntervalThenTakesOver) {
  Lab lab(config());
  const auto started = lab.now;
  EXPECT_EQ(text(lab.startup()), "arm MasterDown, enter");
  EXPECT_EQ(lab.router.since(), started);
  EXPECT_EQ(lab.router.reason(), Reason::Startup);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);

  const auto actions = lab.expire(TimerId::MasterDown);
  const auto* entered = find<StateEntered>(actions);
  ASSERT_NE(entered, nullptr);
  EXPECT_EQ(entered->from, State::Backup);
  EXPECT_EQ(entered->to, State::Master);
  EXPECT_EQ(entered->reason, Reason::MasterSilent);
  EXPECT_EQ(lab.router.since(), started + 3'609'375'000ns);
}

TEST_P(Backup, StartingTwiceDoesNothing) {
  Lab lab(config());
  lab.backup();
  lab.advance(1s);
  EXPECT_EQ(text(lab.startup()), "");
  EXPECT_EQ(lab.left(TimerId::MasterDown), 2'609'375'000ns);
}

TEST_P(Backup, R30_HigherPriorityKeepsItSilentForMinutes) {
  Lab lab(config());
  lab.backup();
  for (int second = 0; second < 600; ++second) {
    lab.advance(1s);
    ASSERT_EQ(text(lab.hear(150)), "arm MasterDown");
    ASSERT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
  }
  EXPECT_EQ(lab.router.master(), (MasterSeen{kGreater, 150}));
}

TEST_P(Backup, R31_EqualPriorityIsObeyedWhateverItsAddress) {
  Lab lab(config());
  lab.backup();
  for (const auto& source : {kLower, kGreater, kOurs}) {
    lab.advance(1s);
    EXPECT_EQ(text(lab.hear(100, source)), "arm MasterDown");
    EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
  }
}

TEST_P(Backup, R32_CountsFromTheLastAdvert) {
  Lab lab(config());
  lab.backup();
  lab.advance(2500ms);
  lab.hear(150);
  const auto last = lab.now;
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.now - last, 3'609'375'000ns);
  EXPECT_EQ(lab.router.reason(), Reason::MasterSilent);
}

TEST(BackupRouter, R33_LearnsALongerInterval) {
  Lab lab(v3());
  lab.backup();
  lab.hear(150, kGreater, 3s);
  EXPECT_EQ(lab.router.master_adver_interval(), 3s);
  EXPECT_EQ(lab.router.skew_time(), 1'828'125'000ns);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 10'828'125'000ns);
}

TEST(BackupRouter, R34_LearnsAShorterIntervalAndRecomputesSkew) {
  Lab lab(v3());
  lab.backup();
  lab.hear(150, kGreater, 100ms);
  EXPECT_EQ(lab.router.skew_time(), 60'937'500ns);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 360'937'500ns);
}

TEST(BackupRouter, R35_AsMasterPacesItsOwnInterval) {
  Lab lab(v3());
  lab.backup();
  lab.hear(150, kGreater, 3s);
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 1s);
  EXPECT_EQ(lab.router.master_adver_interval(), 1s);
  lab.expire(TimerId::Advertisement);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 1s);
}

TEST(BackupRouter, V2LearnsNothing) {
  Lab lab(v2());
  lab.backup();
  lab.hear(150, kGreater, 3s);
  EXPECT_EQ(lab.router.master_adver_interval(), 1s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
}

TEST_P(Backup, R36_R37_PriorityZeroExpiresAfterSkewTime) {
  Lab lab(config());
  lab.backup();
  lab.hear(150);
  lab.advance(300ms);
  EXPECT_EQ(text(lab.hear(0)), "arm MasterDown");
  EXPECT_EQ(lab.left(TimerId::MasterDown), 609'375'000ns);
  EXPECT_EQ(lab.router.master(), std::nullopt);
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.reason(), Reason::MasterResigned);
}

TEST(BackupRouter, R36_SkewIsOfTheLearnedInterval) {
  Lab lab(v3());
  lab.backup();
  lab.hear(150, kGreater, 100ms);
  lab.hear(0, kGreater, 1s);
  EXPECT_EQ(lab.router.master_adver_interval(), 100ms);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 60'937'500ns);
}

TEST(BackupRouter, R37_V2SkewDoesNotScale) {
  Lab lab(v2(100, 3s));
  lab.backup();
  lab.hear(0, kGreater, 3s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 609'375'000ns);
}

TEST_P(Backup, R38_LowerPriorityDoesNotExtendTheTimer) {
  Lab lab(config());
  lab.backup();
  const auto started = lab.now;
  for (int i = 0; i < 36; ++i) {
    lab.advance(100ms);
    ASSERT_EQ(text(lab.hear(50)), "");
  }
  EXPECT_EQ(lab.router.master(), (MasterSeen{kGreater, 50}));
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.now - started, 3'609'375'000ns);
  EXPECT_EQ(lab.router.reason(), Reason::Preempted);
  EXPECT_EQ(lab.router.master(), (MasterSeen{kOurs, 100}));
}

TEST_P(Backup, R39_WithoutPreemptLowerPriorityIsObeyed) {
  Lab lab(with(config(), [](RouterConfig& c) { c.preempt = false; }));
  lab.backup();
  EXPECT_FALSE(lab.router.preempts_now());
  for (int i = 0; i < 600; ++i) {
    lab.advance(1s);
    ASSERT_EQ(text(lab.hear(50)), "arm MasterDown");
    ASSERT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
  }
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.reason(), Reason::MasterSilent) << "it was silence, not preemption";
}

TEST_P(Backup, R40_OwnerPreemptsWithoutPreempt) {
  Lab lab(with(config(255), [](RouterConfig& c) {
    c.preempt = false;
    c.preempt_delay = 60s;
  }));
  lab.master();
  lab.hear(255, kGreater); // another owner with a greater address makes it yield (erratum 8298)
  ASSERT_EQ(lab.router.state(), State::Backup);
  EXPECT_TRUE(lab.router.preempts_now());
  EXPECT_TRUE(lab.router.backup_view().preempt);
  EXPECT_EQ(text(lab.hear(254)), "");
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.reason(), Reason::Preempted);
}

TEST_P(Backup, R41_PriorityZeroCountsWithoutPreempt) {
  Lab lab(with(config(), [](RouterConfig& c) { c.preempt = false; }));
  lab.backup();
  lab.hear(0);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 609'375'000ns);
}

TEST_P(Backup, R42_ShutdownSendsNothing) {
  Lab lab(config());
  lab.backup();
  lab.hear(150, kGreater, 3s);
  EXPECT_EQ(text(lab.step(Shutdown{})), "stop MasterDown, enter");
  EXPECT_EQ(lab.router.state(), State::Init);
  EXPECT_EQ(lab.router.reason(), Reason::Shutdown);
  EXPECT_EQ(lab.router.master(), std::nullopt);
  EXPECT_EQ(lab.router.master_adver_interval(), 1s) << "nothing learned survives a stop";
}

TEST_P(Backup, R43_HigherPriorityAfterPriorityZeroRestoresTheInterval) {
  Lab lab(config());
  lab.backup();
  lab.hear(0);
  lab.advance(1ms);
  lab.hear(150);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.reason(), Reason::MasterSilent);
}

TEST_P(Backup, AdvertsKeepTheGenerationOfMasterDown) {
  Lab lab(config());
  const auto start_actions = lab.startup();
  const auto generation = find<ArmTimer>(start_actions)->generation;
  for (const auto priority : std::initializer_list<std::uint8_t>{150, 0, 100}) {
    lab.advance(100ms);
    const auto actions = lab.hear(priority);
    const auto* arm = find<ArmTimer>(actions);
    ASSERT_NE(arm, nullptr);
    EXPECT_EQ(arm->generation, generation);
    EXPECT_EQ(arm->at, *lab.router.deadline(TimerId::MasterDown));
  }
}

TEST_P(Backup, EachEntryGivesMasterDownANewGeneration) {
  Lab lab(config());
  lab.master();
  const auto stale = lab.router.generation(TimerId::MasterDown);
  lab.hear(150);
  ASSERT_EQ(lab.router.state(), State::Backup);
  EXPECT_NE(lab.router.generation(TimerId::MasterDown), stale);
  lab.advance(1h);
  EXPECT_EQ(text(lab.step(TimerExpired{TimerId::MasterDown, stale})), "");
  EXPECT_EQ(lab.router.state(), State::Backup);
}

TEST_P(Backup, AnExpiryThatAnAdvertOvertookAsksForTheTimerAgain) {
  Lab lab(config());
  lab.backup();
  const auto generation = lab.router.generation(TimerId::MasterDown);
  const auto early = *lab.router.deadline(TimerId::MasterDown);
  lab.advance(1s);
  lab.hear(150);
  const auto deadline = *lab.router.deadline(TimerId::MasterDown);

  lab.now = early;
  const auto actions = lab.step(TimerExpired{TimerId::MasterDown, generation});
  EXPECT_EQ(text(actions), "arm MasterDown");
  EXPECT_EQ(find<ArmTimer>(actions)->at, deadline);
  EXPECT_EQ(find<ArmTimer>(actions)->generation, generation);

  lab.now = deadline - 1ns;
  lab.step(TimerExpired{TimerId::MasterDown, generation});
  EXPECT_EQ(lab.router.state(), State::Backup);
  lab.now = deadline;
  lab.step(TimerExpired{TimerId::MasterDown, generation});
  EXPECT_EQ(lab.router.state(), State::Master);
}

TEST_P(Backup, AnExpiryAfterAdvertsTheKernelKeptToItselfIsAccepted) {
  Lab lab(config());
  lab.backup();
  lab.hear(150);
  lab.now = *lab.router.deadline(TimerId::MasterDown) + 10min;
  lab.step(TimerExpired{TimerId::MasterDown, lab.router.generation(TimerId::MasterDown)});
  EXPECT_EQ(lab.router.state(), State::Master);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 1s);
}

TEST(BackupRouter, ViewForTheKernel) {
  Lab lab(with(v3(120), [](RouterConfig& c) { c.down_adverts = 5; }));
  lab.backup();
  lab.hear(150, kGreater, 250ms);
  const auto view = lab.router.backup_view();
  EXPECT_EQ(view.interval_ns, 250'000'000u);
  EXPECT_EQ(view.version, 3);
  EXPECT_EQ(view.priority, 120);
  EXPECT_EQ(view.preempt, 1);
  EXPECT_EQ(view.down_adverts, 5);
}

} // namespace
} // namespace xvrrp::core
