// SPDX-License-Identifier: BSD-2-Clause
// R133: a router that runs gets another configuration.
#include "lab.hpp"

namespace xvrrp::core {
namespace {

class Reconfiguration : public BothVersions {
protected:
  static Reconfigured with_priority(std::uint8_t priority) { return {config(priority)}; }
};
XVRRP_FOR_BOTH_VERSIONS(Reconfiguration);

TEST_P(Reconfiguration, R133_AMasterStaysItAndSaysItsNewPriorityAtOnce) {
  Lab lab(config());
  lab.master();
  lab.advance(300ms);
  const auto since = lab.router.since();
  const auto actions = lab.step(with_priority(50));
  EXPECT_EQ(text(actions), "advert, arm Advertisement");
  EXPECT_EQ(find<SendAdvert>(actions)->priority, 50);
  EXPECT_EQ(lab.router.since(), since);
  EXPECT_EQ(text(lab.hear(60)), "remove, stop Advertisement, arm MasterDown, enter") << "it loses by it, too";
}

TEST_P(Reconfiguration, AMasterKeepsItsNewInterval) {
  Lab lab(config());
  lab.master();
  lab.step(Reconfigured{config(100, 3s)});
  EXPECT_EQ(lab.left(TimerId::Advertisement), 3s);
  lab.expire(TimerId::Advertisement);
  EXPECT_EQ(lab.left(TimerId::Advertisement), 3s);
}

TEST_P(Reconfiguration, ABackupWaitsByItsNewPriority) {
  Lab lab(config());
  lab.backup();
  lab.hear(150);
  lab.advance(900ms);
  EXPECT_EQ(text(lab.step(with_priority(200))), "arm MasterDown");
  EXPECT_EQ(lab.left(TimerId::MasterDown), lab.router.master_down_interval());
  EXPECT_EQ(lab.router.skew_time(), 218'750'000ns);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.router.master()->priority, 150);
  EXPECT_EQ(text(lab.hear(150)), "") << "a lower priority does not restart the timer any more";
}

TEST(ReconfigurationV3, ABackupGoesOnBelievingTheMastersInterval) {
  Lab lab(v3());
  lab.backup();
  lab.step(Reconfigured{v3(100, 5s)});
  EXPECT_EQ(lab.router.master_adver_interval(), 5s) << "nobody was heard";
  lab.hear(150, kGreater, 2s);
  lab.step(Reconfigured{v3(100, 7s)});
  EXPECT_EQ(lab.router.master_adver_interval(), 2s);
}

TEST(ReconfigurationV2, ABackupCountsItsOwnInterval) {
  Lab lab(v2());
  lab.backup();
  lab.hear(150);
  lab.step(Reconfigured{v2(100, 7s)});
  EXPECT_EQ(lab.router.master_adver_interval(), 7s);
}

TEST_P(Reconfiguration, AnExpiryOfTheOldTimerIsStale) {
  Lab lab(config());
  lab.backup();
  const auto old = lab.router.generation(TimerId::MasterDown);
  lab.step(with_priority(200));
  lab.advance(1h);
  EXPECT_EQ(text(lab.step(TimerExpired{TimerId::MasterDown, old})), "");
}

TEST_P(Reconfiguration, TheSourceAddressStays) {
  Lab lab(config());
  lab.master();
  auto changed = config();
  changed.primary_address = {};
  lab.step(Reconfigured{changed});
  EXPECT_EQ(lab.router.master()->address, kOurs);
}

TEST_P(Reconfiguration, NowItMayNotPreempt) {
  Lab lab(config());
  lab.backup();
  auto polite = config();
  polite.preempt = false;
  lab.step(Reconfigured{polite});
  EXPECT_FALSE(lab.router.preempts_now());
  EXPECT_EQ(text(lab.hear(50)), "arm MasterDown");
}

TEST_P(Reconfiguration, WhereItDoesNotRunItCountsFromTheNextStart) {
  Lab lab(config());
  EXPECT_EQ(text(lab.step(with_priority(255))), "");
  EXPECT_EQ(text(lab.startup()), "advert, install, announce, arm Advertisement, enter");
}

TEST_P(Reconfiguration, AMasterThatResignsGoesOnResigning) {
  Lab lab(config());
  lab.master();
  lab.step(Shutdown{true});
  EXPECT_EQ(text(lab.step(with_priority(50))), "");
  EXPECT_TRUE(lab.router.resigns());
}

TEST_P(Reconfiguration, RefreshesBeginAndEnd) {
  Lab lab(config());
  lab.master();
  auto refreshing = config();
  refreshing.announce.refresh_interval = 60s;
  EXPECT_EQ(text(lab.step(Reconfigured{refreshing})), "advert, arm Advertisement, arm Announce");
  EXPECT_EQ(lab.left(TimerId::Announce), 60s);
  EXPECT_EQ(text(lab.step(Reconfigured{config()})), "advert, arm Advertisement, stop Announce");
}

} // namespace
} // namespace xvrrp::core
