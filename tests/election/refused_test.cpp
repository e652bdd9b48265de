// SPDX-License-Identifier: BSD-2-Clause
// What the data plane did not take is told again; what must not be lost has room.
#include "lab.hpp"

namespace xvrrp::election::testing {
namespace {

using namespace std::chrono_literals;
using core::State;

TEST(Role, ThatWasRefusedIsToldAgainUntilItIsTaken) {
  Lab lab(2);
  lab.start();
  lab.world.role_error = ENOSPC;
  lab.master_down(0);
  lab.turn();
  ASSERT_EQ(lab.state(0), State::Master);
  EXPECT_EQ(lab.role(0), XV_ROLE_BACKUP);
  EXPECT_EQ(lab.router(0).status().role_error, ENOSPC);
  lab.run_for(500ms);
  EXPECT_GE(lab.router(0).status().roles_refused, 5u);
  EXPECT_EQ(lab.router(1).status().roles_refused, 0u);
  lab.world.role_error = 0;
  lab.run_for(200ms);
  EXPECT_EQ(lab.role(0), XV_ROLE_MASTER);
  EXPECT_EQ(lab.router(0).status().role_error, 0);
  const auto told = lab.world.roles_told;
  lab.run_for(1s);
  EXPECT_EQ(lab.world.roles_told, told) << "it is told what it has";
}

/// A Backup has nothing else to do: no timer of its own, no advert that is news.
TEST(Role, OfABackupThatWasRefusedIsToldAgain) {
  Lab lab(1);
  lab.world.role_error = EPERM;
  lab.start();
  lab.world.role_error = 0;
  lab.run_for(200ms);
  EXPECT_EQ(lab.role(0), XV_ROLE_BACKUP);
}

/// Those that go on in another fleet are not forgotten.
TEST(Role, ThatWasRefusedIsToldAgainAfterAReload) {
  Lab lab(1);
  lab.world.role_error = EPERM;
  lab.start();
  ASSERT_EQ(lab.role(0), XV_ROLE_STOPPED);
  Fleet next({{&lab.router(0), lab.plans[0]->key, {}}});
  lab.post(UseFleet{&next});
  lab.turn();
  ASSERT_EQ(lab.world.settled_fleet, &next);
  lab.world.role_error = 0;
  lab.run_for(200ms);
  EXPECT_EQ(lab.role(0), XV_ROLE_BACKUP);
}

TEST(Configuration, ThatWasRefusedIsToldAgain) {
  Lab lab(1);
  lab.start();
  lab.world.config_error = E2BIG;
  lab.post(UseFrames{0, &lab.frames, lab.router(0).router().config().primary_address, 150});
  lab.turn();
  EXPECT_EQ(lab.router(0).status().role_error, E2BIG);
  lab.world.config_error = 0;
  lab.world.forget();
  lab.run_for(200ms);
  EXPECT_EQ(lab.world.configured, 1u);
  EXPECT_EQ(lab.router(0).status().role_error, 0);
}

/// The command may come late: by then the router may be Master, or have another plan.
TEST(Addresses, ThatAreLeftAreTakenAwayFromOneThatIsNotMaster) {
  using Kind = AddressChange::Kind;
  Lab lab(1);
  lab.start();
  lab.world.forget();
  const TakeAway command{0, lab.plans[0].get()};
  lab.post(command);
  lab.turn();
  ASSERT_EQ(lab.world.addresses.size(), 1u);
  EXPECT_EQ(lab.world.addresses[0].kind, Kind::Remove);
  const Plan another = *lab.plans[0];
  lab.post(TakeAway{0, &another});
  lab.turn();
  EXPECT_EQ(lab.world.addresses.size(), 1u);
  lab.become_master();
  ASSERT_EQ(lab.state(0), State::Master);
  ASSERT_EQ(lab.world.addresses.back().kind, Kind::Install);
  lab.post(command);
  lab.turn();
  EXPECT_EQ(lab.world.addresses.back().kind, Kind::Install);
}

/// A queue that a stuck thread does not empty takes every end of a router all the same.
TEST(Commands, OfTheLifeCycleFitWhenNothingElseDoes) {
  constexpr std::size_t kRouters = 20;
  Lab lab(kRouters);
  auto& commands = lab.fleet->commands;
  while (commands.push(ClearFault{0}, lab.fleet->reserved_commands)) {
  }
  for (std::size_t router = 0; router < kRouters; ++router)
    ASSERT_TRUE(commands.push(StopRouter{router, true}, 0));
  ASSERT_TRUE(commands.push(StopRouters{true}, 0));
  ASSERT_TRUE(commands.push(StopRouters{false}, 0));
  ASSERT_TRUE(commands.push(EndThread{}, 0));
  EXPECT_FALSE(commands.push(ClearFault{0}, lab.fleet->reserved_commands));
  lab.turn();
  EXPECT_TRUE(lab.election->has_ended());
}

TEST(Group, BecomesMasterWhenAllOfItWantTo) {
  Lab lab(3, "VG");
  lab.start();
  lab.master_down(0);
  lab.master_down(1);
  lab.turn();
  for (std::size_t router = 0; router < 3; ++router)
    EXPECT_EQ(lab.state(router), State::Backup);
  lab.master_down(2);
  lab.turn();
  for (std::size_t router = 0; router < 3; ++router)
    EXPECT_EQ(lab.state(router), State::Master);
  lab.hear(1, 254);
  lab.turn();
  for (std::size_t router = 0; router < 3; ++router)
    EXPECT_EQ(lab.state(router), State::Backup);
}

TEST(Reload, TimersOfRoutersThatStayGoOn) {
  Lab lab(2);
  lab.become_master();
  Fleet next({{&lab.router(1), lab.plans[1]->key, {}}, {&lab.router(0), lab.plans[0]->key, {}}});
  lab.post(UseFleet{&next});
  lab.turn();
  ASSERT_EQ(&lab.election->fleet(), &next);
  lab.world.forget();
  lab.run_for(1s);
  EXPECT_EQ(lab.world.sent.size(), 20u);
}

} // namespace
} // namespace xvrrp::election::testing
