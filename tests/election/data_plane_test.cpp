// SPDX-License-Identifier: BSD-2-Clause
// What the data plane knows and the election was not told, or has no right to any more.
#include "lab.hpp"

namespace xvrrp::election::testing {
namespace {

using namespace std::chrono_literals;
using core::State;

/// The event of the Master's resignation found no room in the ring: the Backup takes over when the data plane
/// says so, and does not wait for the rest of Master_Down_Interval.
TEST(LostEvent, TheDeadlineOfTheDataPlaneCounts) {
  Lab lab(1);
  lab.start();
  lab.hear(0, 254);
  lab.turn();
  ASSERT_EQ(lab.state(0), State::Backup);
  auto& live = lab.world.lives[1].value;
  live.deadline_ns = to_ns(lab.world.clock + 60ms);
  lab.master_down(0);
  lab.turn();
  EXPECT_EQ(lab.state(0), State::Master);
  EXPECT_EQ(lab.role(0), XV_ROLE_MASTER);
}

/// While its startup_delay runs, a router is no Master to the data plane because an earlier process was one.
TEST(Restart, AnEarlierMasterIsNoneDuringStartupDelay) {
  Lab lab(1, {}, [](core::RouterConfig& config) { config.startup_delay = 3s; });
  lab.plans[0]->resumes = true;
  auto& [live, known] = lab.world.lives[1];
  known = true;
  live.role = XV_ROLE_MASTER;
  lab.world.leases[0] = to_ns(lab.world.clock - 1s);
  lab.start();
  EXPECT_EQ(lab.state(0), State::Init);
  EXPECT_EQ(lab.role(0), XV_ROLE_STOPPED);
  ASSERT_EQ(lab.world.addresses.size(), 1u);
  EXPECT_EQ(lab.world.addresses[0].kind, AddressChange::Kind::Remove);
}

/// A turn has more to announce, and more addresses to install, than there is room for: what does not fit goes
/// first, but not before the adverts.
TEST(Outbox, AdvertsGoBeforeWhatDoesNotFit) {
  Lab lab(1);
  lab.start();
  std::size_t announced_before_advert = 0;
  lab.world.on_announce = [&] { announced_before_advert += lab.world.sent.empty(); };
  lab.master_down(0);
  for (int i = 0; i < 4; ++i)
    lab.post(PutBack{0, lab.plans[0].get(), 0});
  lab.turn();
  EXPECT_EQ(lab.world.announced, 5u);
  EXPECT_EQ(announced_before_advert, 0u);
}

} // namespace
} // namespace xvrrp::election::testing
