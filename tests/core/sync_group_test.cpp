// SPDX-License-Identifier: BSD-2-Clause
// A router of a sync group waits for the others, and goes on listening meanwhile.
#include "lab.hpp"

namespace xvrrp::core {
namespace {

RouterConfig grouped(std::uint8_t priority = 100) {
  return with(v3(priority), [](RouterConfig& config) { config.synchronized = true; });
}

TEST(SyncGroup, AMasterThatComesBackEndsTheWish) {
  Lab lab(grouped());
  lab.backup();
  lab.expire(TimerId::MasterDown);
  EXPECT_TRUE(lab.router.wants_master());
  lab.hear(200);
  EXPECT_FALSE(lab.router.wants_master());
  EXPECT_EQ(text(lab.step(GroupTakesOver{})), "");
  EXPECT_EQ(lab.router.state(), State::Backup);
}

TEST(SyncGroup, AnAdvertThatIsIgnoredDoesNot) {
  Lab lab(grouped());
  lab.backup();
  lab.expire(TimerId::MasterDown);
  lab.hear(50);
  EXPECT_TRUE(lab.router.wants_master());
}

TEST(SyncGroup, TheWishIsRepeated) {
  Lab lab(grouped());
  lab.backup();
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.left(TimerId::MasterDown), lab.router.master_down_interval());
  EXPECT_EQ(text(lab.expire(TimerId::MasterDown)), "arm MasterDown, want");
}

TEST(SyncGroup, AnOwnerWantsAtOnce) {
  Lab lab(grouped(255));
  EXPECT_EQ(text(lab.startup()), "arm MasterDown, enter");
  EXPECT_EQ(lab.left(TimerId::MasterDown), Nanoseconds::zero());
  EXPECT_EQ(text(lab.expire(TimerId::MasterDown)), "arm MasterDown, want");
}

TEST(PriorityChanged, CountsFromTheNextAdvertOn) {
  Lab lab(v3(100));
  lab.master();
  lab.step(PriorityChanged{50});
  EXPECT_EQ(find<SendAdvert>(lab.expire(TimerId::Advertisement))->priority, 50);
  lab.hear(60);
  EXPECT_EQ(lab.router.state(), State::Backup);
}

TEST(PriorityChanged, ABackupThatHasRisenPreempts) {
  Lab lab(v3(100));
  lab.backup();
  lab.hear(120);
  lab.step(PriorityChanged{150});
  EXPECT_EQ(text(lab.hear(120)), "");
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.state(), State::Master);
  EXPECT_EQ(lab.router.reason(), Reason::Preempted);
}

} // namespace
} // namespace xvrrp::core
