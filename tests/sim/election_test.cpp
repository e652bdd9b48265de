// SPDX-License-Identifier: BSD-2-Clause
// What an election is more than its routers: leases, handovers, sync groups, lost events.
#include <map>
#include <string>
#include <vector>

#include "judge.hpp"
#include "sim/checkers/effects.hpp"
#include "sim/checkers/jury.hpp"
#include "sim/world.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;
using core::RouterConfig;
using core::State;

RouterConfig v3(std::uint8_t priority, std::uint32_t node, std::uint32_t segment = 0) {
  RouterConfig config;
  config.vrid = static_cast<std::uint8_t>(1 + segment);
  config.version = core::Version::V3;
  config.priority = priority;
  config.advertisement_interval = 100ms;
  config.primary_address = address_of(node, segment, Family::IPv4, 0);
  config.announce.repeat = 1;
  return config;
}

Scenario scenario_of(const std::vector<GroupSpec>& groups, PlaneKind plane) {
  Scenario scenario;
  scenario.groups = groups;
  for (const auto& group : groups)
    scenario.segments = std::max(scenario.segments, group.segment + 1);
  for (std::size_t node = 0; node < groups[0].members.size(); ++node)
    scenario.nodes.push_back({std::chrono::seconds{10 * (node + 1)}, 0, plane});
  return scenario;
}

/// A daemon that another one can follow.
class Resumed : public testing::TestWithParam<PlaneKind> {
protected:
  explicit Resumed(Nanoseconds startup_delay = {}) : world(scenario(startup_delay), jury) {
    world.boot(0);
    world.boot(1);
    world.run_for(10s);
  }
  void TearDown() override { EXPECT_TRUE(jury.verdict().clean()) << jury.verdict().text(); }

  Jury jury{200us};
  World world;

private:
  static Scenario scenario(Nanoseconds startup_delay) {
    auto scenario = scenario_of({{0, {v3(200, 0), v3(100, 1)}, {}}}, GetParam());
    scenario.groups[0].members[0].startup_delay = startup_delay;
    return scenario;
  }
};
INSTANTIATE_TEST_SUITE_P(, Resumed, testing::Values(PlaneKind::KernelTimer, PlaneKind::OwnTimer), plane_name);

TEST_P(Resumed, AHandoverMovesNobody) {
  for (int i = 0; i < 100; ++i) {
    world.hand_over(static_cast<std::uint32_t>(i % 2));
    ASSERT_EQ(world.state(0, 0), State::Master);
    ASSERT_EQ(world.state(0, 1), State::Backup);
    world.run_for(37ms);
  }
}

TEST_P(Resumed, AKilledMasterThatIsBackInTimeGoesOn) {
  for (int i = 0; i < 20; ++i) {
    world.kill(0);
    world.run_for(100ms);
    world.boot(0);
    ASSERT_EQ(world.state(0, 0), State::Master);
    world.run_for(1s);
    ASSERT_EQ(world.state(0, 1), State::Backup);
  }
}

/// Its lease is over before anybody takes over, and whoever finds its addresses there takes them away.
TEST_P(Resumed, AKilledMasterThatIsBackLateIsABackupWithoutAddresses) {
  world.kill(0);
  world.run_for(500ms);
  EXPECT_EQ(world.state(0, 1), State::Master);
  EXPECT_TRUE(world.host(0).has_addresses(0)) << "nobody was there to take them";
  world.boot(0);
  EXPECT_EQ(world.state(0, 0), State::Backup);
  EXPECT_FALSE(world.host(0).has_addresses(0));
  world.run_for(10s);
  EXPECT_EQ(world.state(0, 0), State::Master);
}

class ResumedLate : public Resumed {
protected:
  ResumedLate() : Resumed(3s) {}
};
INSTANTIATE_TEST_SUITE_P(, ResumedLate, testing::Values(PlaneKind::KernelTimer, PlaneKind::OwnTimer),
                         plane_name);

/// With startup_delay the router is in INIT for a while, and must not be a Master to its data plane
/// meanwhile.
TEST_P(ResumedLate, AStartupDelayIsNoTimeAsMaster) {
  world.kill(0);
  world.run_for(500ms);
  world.boot(0);
  EXPECT_EQ(world.state(0, 0), State::Init);
  EXPECT_EQ(world.host(0).plane().role(0), XV_ROLE_STOPPED);
}

/// Its adverts are refused: it is Master for itself, and fenced before the other one is.
TEST_P(Resumed, AMasterWhoseAdvertsAreRefusedIsFenced) {
  world.refuse_adverts(0, 0, true);
  world.run_for(1s);
  EXPECT_EQ(world.state(0, 0), State::Master);
  EXPECT_EQ(world.state(0, 1), State::Master);
  EXPECT_LT(world.host(0).plane().lease(0), to_ns(world.clock(0).at(world.now())));
  world.refuse_adverts(0, 0, false);
  world.run_for(1s);
  EXPECT_EQ(world.state(0, 1), State::Backup);
  EXPECT_GT(world.host(0).plane().lease(0), to_ns(world.clock(0).at(world.now())));
}

/// Whether the routers of a node's sync group were ever in different states when it had nothing more to do.
class Together final : public Observer {
public:
  void stepped(const Step& step) override {
    if (const auto* change = entered(step.actions))
      states_[step.seat.node][step.seat.group] = change->to;
    changes_ += entered(step.actions) != nullptr;
  }
  void gone(const Seat& seat, Moment) override { states_[seat.node].erase(seat.group); }
  void rested(std::uint32_t node, Moment) override {
    for (const auto& [group, state] : states_[node])
      apart_ += state != states_[node].begin()->second;
  }
  std::uint64_t apart() const { return apart_; }
  std::uint64_t changes() const { return changes_; }

private:
  std::map<std::uint32_t, std::map<std::uint32_t, State>> states_;
  std::uint64_t apart_ = 0;
  std::uint64_t changes_ = 0;
};

class SyncGroups : public testing::TestWithParam<PlaneKind> {};
INSTANTIATE_TEST_SUITE_P(, SyncGroups,
                         testing::Values(PlaneKind::KernelTimer, PlaneKind::OwnTimer, PlaneKind::EveryAdvert),
                         plane_name);

/// Two nodes with a router on each of two segments. Whatever is lost, delayed or stopped: a node has both or
/// none.
TEST_P(SyncGroups, ANodeIsMasterOfBothOrOfNone) {
  std::vector<GroupSpec> groups;
  for (const std::uint32_t segment : {0u, 1u}) {
    groups.push_back({segment, {v3(150, 0, segment), v3(100, 1, segment)}, "G"});
    for (auto& member : groups.back().members)
      member.synchronized = true;
  }
  Together together;
  World world(scenario_of(groups, GetParam()), together);
  world.boot(0);
  world.boot(1);
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    const auto node = static_cast<std::uint32_t>(random.below(2));
    const auto segment = static_cast<std::uint32_t>(random.below(2));
    LinkQuality quality = world.healthy();
    switch (random.below(6)) {
    case 0:
      quality.cut = true;
      break;
    case 1:
      quality.loss_per_million = 500'000;
      break;
    case 2:
      quality.delay_max = 300ms;
      break;
    case 3:
      world.crash(node);
      break;
    case 4:
      world.pause(node);
      break;
    default:
      world.shut_down(node);
      break;
    }
    world.set_link(segment, node, 1 - node, quality);
    world.run_for(random.between(10ms, 2s));
    world.resume(node);
    world.boot(node);
    world.set_link(segment, node, 1 - node, world.healthy());
    world.run_for(random.between(10ms, 2s));
    ASSERT_EQ(together.apart(), 0u) << "in round " << i;
  }
  world.run_for(10s);
  for (const std::uint32_t group : {0u, 1u}) {
    EXPECT_EQ(world.state(group, 0), State::Master);
    EXPECT_EQ(world.state(group, 1), State::Backup);
  }
  EXPECT_GT(together.changes(), 2000u);
  EXPECT_EQ(world.lost(), 0u);
}

class LostEvents : public testing::TestWithParam<PlaneKind> {};
INSTANTIATE_TEST_SUITE_P(, LostEvents, testing::Values(PlaneKind::KernelTimer, PlaneKind::OwnTimer),
                         plane_name);

/// The daemon stands still while the Master says goodbye, and the ring has no room for that.
TEST_P(LostEvents, AResignationThatFoundNoRoomCounts) {
  Jury jury(200us);
  std::vector<GroupSpec> groups;
  for (std::uint32_t group = 0; group < 2; ++group) {
    groups.push_back({0, {v3(200, 0), v3(100, 1), v3(150, 2)}, {}});
    for (auto& member : groups.back().members)
      member.vrid = static_cast<std::uint8_t>(1 + group);
  }
  // The first router's Masters change so often that their adverts fill the ring.
  World world(scenario_of(groups, GetParam()), jury);
  world.boot(0);
  world.boot(1);
  world.run_for(10s);
  world.pause(1);
  for (int i = 0; i < 200; ++i) {
    world.change_source(0, 0, static_cast<std::uint8_t>(i % 2));
    world.run_for(100ms);
  }
  const auto lost = world.host(1).plane().lost_events();
  world.shut_down(0);
  world.run_for(1ms);
  EXPECT_GT(world.host(1).plane().lost_events(), lost) << "there was room";
  world.resume(1);
  world.run_for(70ms); // Skew_Time of priority 100 at 100 ms
  EXPECT_EQ(world.state(0, 1), State::Master);
  EXPECT_EQ(world.state(1, 1), State::Master);
  EXPECT_TRUE(jury.verdict().clean()) << jury.verdict().text();
}

} // namespace
} // namespace xvrrp::sim
