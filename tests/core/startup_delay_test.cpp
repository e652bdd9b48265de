// SPDX-License-Identifier: BSD-2-Clause
// startup_delay: INIT lasts longer, and nothing of the network counts meanwhile.
#include "lab.hpp"

namespace xvrrp::core {
namespace {

RouterConfig late(std::uint8_t priority) {
  auto config = v3(priority);
  config.startup_delay = 10s;
  return config;
}

TEST(StartupDelay, MasterDownIntervalBeginsWhenItIsOver) {
  Lab lab(late(100));
  lab.startup();
  EXPECT_EQ(lab.router.state(), State::Init);
  EXPECT_EQ(lab.left(TimerId::StartupDelay), 10s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), -1ns);

  lab.expire(TimerId::StartupDelay);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375us);
}

TEST(StartupDelay, HoldsTheOwnerTooAndSendsNothing) {
  Lab lab(late(255));
  EXPECT_EQ(text(lab.startup()), "arm StartupDelay");
  EXPECT_EQ(text(lab.hear(0)), "");
  EXPECT_EQ(text(lab.hear(100)), "");
  lab.expire(TimerId::StartupDelay);
  EXPECT_EQ(lab.router.state(), State::Master);
}

TEST(StartupDelay, ASecondStartupDoesNotProlongIt) {
  Lab lab(late(100));
  lab.startup();
  lab.advance(4s);
  EXPECT_EQ(text(lab.startup()), "");
  EXPECT_EQ(lab.left(TimerId::StartupDelay), 6s);
}

TEST(StartupDelay, AShutdownWithinEndsIt) {
  Lab lab(late(100));
  lab.startup();
  const auto stale = lab.router.generation(TimerId::StartupDelay);
  EXPECT_EQ(text(lab.step(Shutdown{})), "stop StartupDelay");
  lab.advance(10s);
  EXPECT_EQ(text(lab.step(TimerExpired{TimerId::StartupDelay, stale})), "");
  EXPECT_EQ(text(lab.startup()), "arm StartupDelay");
}

TEST(StartupDelay, AFaultThatClearsWithinIsForgotten) {
  Lab lab(late(100));
  lab.startup();
  lab.step(FaultRaised{Reason::InterfaceDown});
  lab.step(FaultCleared{});
  EXPECT_EQ(lab.router.state(), State::Init);
  lab.expire(TimerId::StartupDelay);
  EXPECT_EQ(lab.router.state(), State::Backup);
}

TEST(StartupDelay, IsOfTheStartAndNotOfFaults) {
  Lab lab(late(100));
  lab.startup();
  lab.expire(TimerId::StartupDelay);
  lab.step(FaultRaised{Reason::InterfaceDown});
  lab.step(FaultCleared{});
  EXPECT_EQ(lab.router.state(), State::Backup);
}

} // namespace
} // namespace xvrrp::core
