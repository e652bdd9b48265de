// SPDX-License-Identifier: BSD-2-Clause
// FAULT: what keepalived calls a router that lost something it cannot work without.
#include "lab.hpp"

namespace xvrrp::core {
namespace {

class Fault : public BothVersions {};
XVRRP_FOR_BOTH_VERSIONS(Fault);

TEST_P(Fault, AMasterTriesToResign) {
  Lab lab(config());
  lab.master();
  EXPECT_EQ(text(lab.step(FaultRaised{Reason::InterfaceDown})),
            "advert 0, remove, stop Advertisement, enter");
  EXPECT_EQ(lab.router.state(), State::Fault);
  EXPECT_EQ(lab.router.reason(), Reason::InterfaceDown);
  EXPECT_EQ(lab.router.master(), std::nullopt);
}

TEST_P(Fault, ABackupStopsItsTimer) {
  Lab lab(config());
  lab.backup();
  EXPECT_EQ(text(lab.step(FaultRaised{Reason::NoSourceAddress})), "stop MasterDown, enter");
  EXPECT_EQ(lab.router.reason(), Reason::NoSourceAddress);
}

TEST_P(Fault, OnlyItsEndAndShutdownMatter) {
  Lab lab(config());
  lab.fault();
  const auto since = lab.router.since();
  lab.advance(1h);
  EXPECT_EQ(text(lab.startup()), "");
  EXPECT_EQ(text(lab.hear(0)), "");
  EXPECT_EQ(text(lab.hear(200)), "");
  for (const auto id :
       {TimerId::MasterDown, TimerId::Advertisement, TimerId::PreemptDelay, TimerId::Announce})
    EXPECT_EQ(text(lab.step(TimerExpired{id, lab.router.generation(id)})), "");
  EXPECT_EQ(text(lab.step(FaultRaised{Reason::InterfaceGone})), "");
  EXPECT_EQ(lab.router.state(), State::Fault);
  EXPECT_EQ(lab.router.reason(), Reason::InterfaceGone) << "the latest cause is told";
  EXPECT_EQ(lab.router.since(), since);
}

TEST_P(Fault, R57_ItsEndStartsAgainWithTheFullInterval) {
  Lab lab(config());
  lab.fault();
  const auto actions = lab.step(FaultCleared{});
  EXPECT_EQ(text(actions), "arm MasterDown, enter");
  EXPECT_EQ(find<StateEntered>(actions)->reason, Reason::FaultCleared);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
}

TEST_P(Fault, R57_ItsEndMakesTheOwnerMasterAtOnce) {
  Lab lab(config(255));
  lab.fault();
  EXPECT_EQ(text(lab.step(FaultCleared{})), "advert, install, announce, arm Advertisement, enter");
  EXPECT_EQ(lab.router.reason(), Reason::OwnerStartup);
}

TEST_P(Fault, NothingLearnedSurvivesIt) {
  Lab lab(config());
  lab.backup();
  lab.hear(150, kGreater, 3s);
  lab.step(FaultRaised{Reason::InterfaceDown});
  EXPECT_EQ(lab.router.master_adver_interval(), 1s);
  lab.step(FaultCleared{});
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375'000ns);
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(lab.router.reason(), Reason::MasterSilent);
}

TEST_P(Fault, ShutdownEndsIt) {
  Lab lab(config());
  lab.fault();
  EXPECT_EQ(text(lab.step(Shutdown{})), "enter");
  EXPECT_EQ(lab.router.state(), State::Init);
  EXPECT_EQ(text(lab.step(FaultCleared{})), "") << "a stopped router stays stopped";
  EXPECT_EQ(lab.router.state(), State::Init);
}

TEST_P(Fault, OneThatIsPresentBeforeTheStartIsFoundThere) {
  Lab lab(config(255));
  EXPECT_EQ(text(lab.step(FaultRaised{Reason::InterfaceDown})), "");
  EXPECT_EQ(lab.router.state(), State::Init);
  const auto actions = lab.startup();
  EXPECT_EQ(text(actions), "enter") << "not even the owner sends anything";
  EXPECT_EQ(find<StateEntered>(actions)->reason, Reason::InterfaceDown);
  EXPECT_EQ(lab.router.state(), State::Fault);
}

TEST_P(Fault, OneThatOutlastsARestartIsStillThere) {
  Lab lab(config());
  lab.fault();
  lab.step(Shutdown{});
  lab.startup();
  EXPECT_EQ(lab.router.state(), State::Fault);
  lab.step(Shutdown{});
  lab.step(FaultCleared{});
  lab.startup();
  EXPECT_EQ(lab.router.state(), State::Backup);
}

TEST_P(Fault, ItsEndWithoutOneDoesNothing) {
  Lab lab(config());
  lab.backup();
  EXPECT_EQ(text(lab.step(FaultCleared{})), "");
  lab.expire(TimerId::MasterDown);
  EXPECT_EQ(text(lab.step(FaultCleared{})), "");
  EXPECT_EQ(lab.router.state(), State::Master);
}

} // namespace
} // namespace xvrrp::core
