// SPDX-License-Identifier: BSD-2-Clause
// preempt_delay as keepalived has it; no RFC does.
#include "lab.hpp"

namespace xvrrp::core {
namespace {

class PreemptDelay : public BothVersions {
protected:
  static RouterConfig delayed() {
    return with(config(), [](RouterConfig& c) { c.preempt_delay = 10s; });
  }
};
XVRRP_FOR_BOTH_VERSIONS(PreemptDelay);

TEST_P(PreemptDelay, StartsWithTheFirstAdvertOfLowerPriority) {
  Lab lab(delayed());
  EXPECT_EQ(text(lab.startup()), "arm MasterDown, enter");
  lab.advance(1s);
  EXPECT_EQ(text(lab.hear(50)), "arm PreemptDelay, arm MasterDown");
  EXPECT_EQ(lab.left(TimerId::PreemptDelay), 10s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
  lab.advance(1s);
  EXPECT_EQ(text(lab.hear(50)), "arm MasterDown") << "the delay runs on";
  EXPECT_EQ(lab.left(TimerId::PreemptDelay), 9s);
}

TEST_P(PreemptDelay, PreemptsMasterDownIntervalAfterIt) {
  Lab lab(delayed());
  lab.backup();
  const auto first = lab.now;
  while (lab.now < first + 10s) {
    lab.hear(50);
    EXPECT_FALSE(lab.router.preempts_now());
    EXPECT_FALSE(lab.router.backup_view().preempt);
    lab.advance(1s);
  }
  EXPECT_EQ(text(lab.expire(TimerId::PreemptDelay)), "");
  EXPECT_TRUE(lab.router.preempts_now());
  EXPECT_TRUE(lab.router.backup_view().preempt);
  EXPECT_EQ(text(lab.hear(50)), "");
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.now - first, 9s + 3'609'375'000ns) << "counted from the last advert that was obeyed";
  EXPECT_EQ(lab.router.reason(), Reason::Preempted);
}

TEST_P(PreemptDelay, DoesNotDelayTheTakeoverFromASilentMaster) {
  Lab lab(delayed());
  lab.backup();
  lab.hear(50);
  const auto last = lab.now;
  EXPECT_EQ(text(lab.expire(TimerId::MasterDown)),
            "advert, install, announce, stop PreemptDelay, arm Advertisement, enter");
  EXPECT_EQ(lab.now - last, 3'609'375'000ns);
  EXPECT_EQ(lab.router.reason(), Reason::MasterSilent);
}

TEST_P(PreemptDelay, DoesNotDelayTheTakeoverFromAResigningMaster) {
  Lab lab(delayed());
  lab.backup();
  lab.hear(50);
  lab.hear(0);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 609'375'000ns);
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.reason(), Reason::MasterResigned);
}

TEST_P(PreemptDelay, IsNotStartedByAResigningMaster) {
  Lab lab(delayed());
  lab.backup();
  EXPECT_EQ(text(lab.hear(0)), "arm MasterDown");
}

TEST_P(PreemptDelay, EndsWithAMasterWeDoNotPreempt) {
  Lab lab(delayed());
  lab.backup();
  lab.hear(50);
  EXPECT_EQ(text(lab.hear(100)), "stop PreemptDelay, arm MasterDown");
  EXPECT_EQ(text(lab.hear(50)), "arm PreemptDelay, arm MasterDown") << "and starts anew";
  lab.expire(TimerId::PreemptDelay);
  lab.hear(200);
  EXPECT_FALSE(lab.router.preempts_now()) << "also after it was over";
}

TEST_P(PreemptDelay, StartsAnewInEachBackup) {
  Lab lab(delayed());
  lab.backup();
  lab.hear(50);
  lab.expire(TimerId::PreemptDelay);
  lab.expire(TimerId::MasterDown);
  lab.hear(200);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_FALSE(lab.router.preempts_now());
}

TEST_P(PreemptDelay, StopsWithTheRouter) {
  Lab lab(delayed());
  lab.backup();
  lab.hear(50);
  EXPECT_EQ(text(lab.step(FaultRaised{Reason::InterfaceDown})), "stop MasterDown, stop PreemptDelay, enter");
}

TEST_P(PreemptDelay, MeansNothingWithoutPreempt) {
  Lab lab(with(delayed(), [](RouterConfig& c) { c.preempt = false; }));
  lab.backup();
  EXPECT_EQ(text(lab.hear(50)), "arm MasterDown");
}

} // namespace
} // namespace xvrrp::core
