// SPDX-License-Identifier: BSD-2-Clause
// A process that goes on where an earlier one ended.
#include "lab.hpp"

namespace xvrrp::core {
namespace {

class ResumedRouter : public BothVersions {};
XVRRP_FOR_BOTH_VERSIONS(ResumedRouter);

TEST_P(ResumedRouter, AMasterAdvertisesAtOnceAndResignsNothing) {
  Lab lab(config());
  const auto actions = lab.resume(State::Master, 4);
  EXPECT_EQ(text(actions), "advert, install, announce, arm Advertisement, enter");
  const auto* entered = find<StateEntered>(actions);
  EXPECT_EQ(entered->from, State::Init);
  EXPECT_EQ(entered->reason, Reason::Resumed);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 1s);
  EXPECT_EQ(lab.router.generation(TimerId::MasterDown), 4U) << "the keeper's generation goes on";
}

TEST_P(ResumedRouter, AMasterYieldsAsEver) {
  Lab lab(config());
  lab.resume(State::Master, 4);
  lab.hear(200);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.router.generation(TimerId::MasterDown), 5U);
}

TEST_P(ResumedRouter, ABackupKeepsTheDeadlineThatItHad) {
  Lab lab(config());
  const auto actions = lab.resume(State::Backup, 7);
  EXPECT_EQ(text(actions), "arm MasterDown, enter");
  EXPECT_EQ(find<ArmTimer>(actions)->generation, 7U);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 700ms);
  EXPECT_EQ(lab.router.master_adver_interval(), 2s);
  EXPECT_EQ(lab.router.master(), (MasterSeen{kGreater, 150}));
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.state(), State::Master);
  EXPECT_EQ(lab.router.reason(), Reason::MasterSilent);
}

TEST_P(ResumedRouter, ABackupThatHadHeardAGoodbyeKnowsNoMaster) {
  Lab lab(config());
  lab.step(Resumed{State::Backup, 2, lab.now + 100ms, 1s, kGreater, 0});
  EXPECT_EQ(lab.router.master(), std::nullopt);
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.reason(), Reason::MasterResigned);
}

TEST_P(ResumedRouter, ADeadlineThatHasPassedIsDue) {
  Lab lab(config());
  lab.step(Resumed{State::Backup, 2, lab.now - 5s, 1s, {}, 0});
  lab.step(TimerExpired{TimerId::MasterDown, 2});
  EXPECT_EQ(lab.router.state(), State::Master);
}

TEST_P(ResumedRouter, AMasterWithoutItsInterfaceResigns) {
  Lab lab(config());
  lab.step(FaultRaised{Reason::InterfaceDown});
  EXPECT_EQ(text(lab.resume(State::Master, 4)), "advert 0, remove, enter");
  EXPECT_EQ(lab.router.reason(), Reason::InterfaceDown);
  lab.step(FaultCleared{});
  EXPECT_EQ(lab.router.state(), State::Backup);
}

} // namespace
} // namespace xvrrp::core
