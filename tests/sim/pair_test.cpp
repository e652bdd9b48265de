// SPDX-License-Identifier: BSD-2-Clause
// Small networks written by hand: what a random scenario would meet too seldom to rely on.
#include <algorithm>
#include <vector>

#include "judge.hpp"
#include "sim/checkers/jury.hpp"
#include "sim/world.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;
using core::RouterConfig;
using core::State;

RouterConfig v3(std::uint8_t priority, Nanoseconds interval, std::uint32_t node) {
  RouterConfig config;
  config.vrid = 1;
  config.version = core::Version::V3;
  config.priority = priority;
  config.advertisement_interval = interval;
  config.primary_address = address_of(node, 0, Family::IPv4, 0);
  config.announce.repeat = 1;
  return config;
}

Scenario segment_of(const std::vector<RouterConfig>& routers, PlaneKind plane) {
  Scenario scenario;
  scenario.groups = {{0, routers, {}}};
  for (std::size_t node = 0; node < routers.size(); ++node)
    scenario.nodes.push_back({std::chrono::seconds{10 * (node + 1)},
                              static_cast<std::int32_t>(node % 2 == 0 ? 100 : -100), plane});
  return scenario;
}

/// Whether two routers were ever Master at the same moment.
class NeverTwo final : public Observer {
public:
  void gone(const Seat& seat, Moment) override { master_.at(seat.node) = false; }
  void stepped(const Step& step) override {
    if (const auto* change = entered(step.actions))
      master_.at(step.seat.node) = change->to == State::Master;
    twice_ += std::count(master_.begin(), master_.end(), true) > 1;
    takeovers_ += entered(step.actions) && master_.at(step.seat.node);
  }
  std::uint64_t twice() const { return twice_; }
  std::uint64_t takeovers() const { return takeovers_; }

private:
  std::vector<bool> master_ = std::vector<bool>(8);
  std::uint64_t twice_ = 0;
  std::uint64_t takeovers_ = 0;
};

class Pair : public testing::TestWithParam<PlaneKind> {};
INSTANTIATE_TEST_SUITE_P(, Pair,
                         testing::Values(PlaneKind::KernelTimer, PlaneKind::OwnTimer, PlaneKind::EveryAdvert),
                         plane_name);

/// Their skews are 2.19 ms and 6.09 ms: 3.9 ms apart, which is less than the centisecond of the wire.
TEST_P(Pair, BackupsOfPriorities200And100NeverTakeOverTogetherAtTenMilliseconds) {
  auto scenario = segment_of({v3(254, 10ms, 0), v3(200, 10ms, 1), v3(100, 10ms, 2)}, GetParam());
  // One delay for all packets: else a goodbye may overtake the last advert, which revives the Master (R43).
  scenario.healthy.delay_min = scenario.healthy.delay_max;
  NeverTwo never_two;
  World world(scenario, never_two);
  for (const auto node : {0u, 1u, 2u}) {
    world.boot(node);
    world.run_for(1s);
  }
  const auto before = never_two.twice(); // starting one after another, they preempt
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    world.run_for(random.between(50ms, 70ms));
    i % 2 == 0 ? world.crash(0) : world.shut_down(0);
    const auto twice = never_two.twice();
    world.run_for(200ms);
    ASSERT_EQ(never_two.twice(), twice) << "in round " << i;
    ASSERT_EQ(world.state(0, 1), State::Master);
    ASSERT_EQ(world.state(0, 2), State::Backup);
    world.boot(0);
    world.run_for(200ms);
    ASSERT_EQ(world.state(0, 0), State::Master);
  }
  EXPECT_GE(never_two.takeovers(), 10'000u);
  EXPECT_GT(never_two.twice(), before) << "preemption was not seen: this test sees nothing";
}

/// They announce a centisecond. Once the Backups have seen the pace, they take over within the few
/// milliseconds of three intervals, one by one.
TEST_P(Pair, AtAMillisecondTheShorterSkewTakesOverAlone) {
  auto scenario = segment_of({v3(254, 1ms, 0), v3(200, 1ms, 1), v3(100, 1ms, 2)}, GetParam());
  scenario.healthy.delay_min = scenario.healthy.delay_max = 50us;
  Jury jury(50us);
  World world(scenario, jury);
  for (const auto node : {0u, 1u, 2u})
    world.boot(node);
  for (int i = 0; i < 10; ++i) {
    world.run_for(15s);
    ASSERT_EQ(world.state(0, 0), State::Master);
    i % 2 == 0 ? world.crash(0) : world.shut_down(0);
    world.run_for(4ms);
    ASSERT_EQ(world.state(0, 1), State::Master) << "in round " << i;
    ASSERT_EQ(world.state(0, 2), State::Backup);
    world.run_for(15s);
    world.boot(0);
  }
  world.audit();
  EXPECT_GE(jury.succession().successions(), 10u);
  EXPECT_TRUE(jury.verdict().clean()) << jury.verdict().text();
}

/// A Master that announces a centisecond and means it, and a Backup that is configured to be faster.
TEST_P(Pair, ABackupAtAMillisecondLeavesAMasterAtTenAlone) {
  NeverTwo never_two;
  World world(segment_of({v3(200, 10ms, 0), v3(100, 1ms, 1)}, GetParam()), never_two);
  world.boot(0);
  world.run_for(1s);
  world.boot(1);
  world.run_for(60s);
  EXPECT_EQ(never_two.takeovers(), 1u);
  world.crash(0);
  world.run_for(36'093'750ns + 1ms);
  EXPECT_EQ(world.state(0, 1), State::Master);
}

/// A Master that stands still for 5 ms is given up, once for each time, and has it back with its next advert.
TEST_P(Pair, OnePauseOfAMasterAtAMillisecondIsOneTakeover) {
  NeverTwo never_two;
  World world(segment_of({v3(200, 1ms, 0), v3(100, 1ms, 1)}, GetParam()), never_two);
  world.boot(0);
  world.boot(1);
  world.run_for(1s);
  const auto before = never_two.takeovers();
  for (unsigned i = 0; i < 20; ++i) {
    world.pause(0);
    world.run_for(5ms);
    world.resume(0);
    world.run_for(100ms);
    ASSERT_EQ(world.state(0, 0), State::Master);
    ASSERT_EQ(world.state(0, 1), State::Backup);
    EXPECT_EQ(never_two.takeovers(), before + i + 1);
  }
}

/// R134: the daemon of the Master stands still for 10 s.
TEST_P(Pair, R134_AMasterThatWasStoppedReturns) {
  Jury jury(200us);
  World world(segment_of({v3(200, 1s, 0), v3(100, 1s, 1)}, GetParam()), jury);
  world.boot(0);
  world.boot(1);
  world.run_for(30s);
  EXPECT_EQ(world.state(0, 0), State::Master);
  world.pause(0);
  world.run_for(10s);
  EXPECT_EQ(world.state(0, 1), State::Master);
  world.resume(0);
  world.run_for(30s);
  world.audit();
  EXPECT_EQ(world.state(0, 0), State::Master);
  EXPECT_EQ(world.state(0, 1), State::Backup);
  EXPECT_TRUE(jury.verdict().clean()) << jury.verdict().text();
}

/// A one-way partition makes two Masters; the first advert that passes again ends it.
TEST_P(Pair, AnAsymmetricPartitionEndsWithTheFirstAdvert) {
  Jury jury(200us);
  World world(segment_of({v3(200, 1s, 0), v3(100, 1s, 1)}, GetParam()), jury);
  world.boot(0);
  world.boot(1);
  world.run_for(30s);
  LinkQuality cut;
  cut.cut = true;
  world.set_link(0, 0, 1, cut);
  world.run_for(10s);
  EXPECT_EQ(world.state(0, 0), State::Master);
  EXPECT_EQ(world.state(0, 1), State::Master);
  world.set_link(0, 0, 1, world.healthy());
  world.run_for(1s + 1ms);
  EXPECT_EQ(world.state(0, 1), State::Backup);
  world.run_for(30s);
  world.audit();
  EXPECT_EQ(jury.convergence().groups_judged(), 1u);
  EXPECT_TRUE(jury.verdict().clean()) << jury.verdict().text();
}

/// keepalived's higher_prio_send_advert where intervals differ: the last advert of the one that yields comes
/// after the winner's, so the Backups learn the wrong interval, and one of them gives up the winner before it
/// advertises again. With lower_prio_no_advert the winner does not object, and this goes on for ever. RFC
/// 9568 6.4.3 has no such advert. Random scenarios leave this out; should this test fail, they need not any
/// more.
TEST_P(Pair, KnownHazard_AdvertsWhenYieldingAndUnequalIntervalsNeverSettle) {
  auto master = v3(200, 2s, 0);
  master.answer_lower_priority = false;
  std::vector<RouterConfig> routers{master, v3(101, 100ms, 1), v3(106, 500ms, 2)};
  for (auto& config : routers) {
    config.preempt = false;
    config.advertise_when_yielding = true;
  }
  for (const bool by_the_rfc : {false, true}) {
    for (auto& config : routers)
      config.advertise_when_yielding = !by_the_rfc;
    Jury jury(200us);
    auto scenario = segment_of(routers, GetParam());
    scenario.healthy.delay_min = scenario.healthy.delay_max; // the last advert comes after the winner's
    World world(scenario, jury);
    world.boot(1);
    world.run_for(10s);
    const auto cut = [&](bool is_cut) {
      LinkQuality quality = world.healthy();
      quality.cut = is_cut;
      for (const auto node : {1u, 2u}) {
        world.set_link(0, 0, node, quality);
        world.set_link(0, node, 0, quality);
      }
    };
    cut(true); // so that two of them become Master
    world.boot(0);
    world.boot(2);
    world.run_for(30s);
    cut(false);
    world.run_for(300s);
    world.audit();
    EXPECT_EQ(jury.verdict().blames("convergence"), !by_the_rfc) << jury.verdict().text();
    EXPECT_EQ(jury.verdict().clean(), by_the_rfc) << jury.verdict().text();
  }
}

} // namespace
} // namespace xvrrp::sim
