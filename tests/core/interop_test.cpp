// SPDX-License-Identifier: BSD-2-Clause
// v2/v3 interoperation (RFC 9568 8.4), the owner that heeds no advert, and a source address that changes.
#include "lab.hpp"

namespace xvrrp::core {
namespace {

RouterConfig interop(std::uint8_t priority = 100) {
  auto config = v3(priority);
  config.v2_interop = true;
  return config;
}

Actions hear_v2(Lab& lab, std::uint8_t priority, Nanoseconds interval, const IpAddress& source = kGreater) {
  return lab.step(AdvertReceived{{source, priority, interval, Version::V2}});
}

TEST(Interop, ABackupTimesOutByTheIntervalOfAV2Master) {
  Lab lab(interop());
  lab.backup();
  hear_v2(lab, 150, 3s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 9s + 1'828'125us) << "3 * 300 cs + skew (R136)";
}

TEST(Interop, V2OfAMasterThatIsHeardInV3IsIgnored) {
  Lab lab(interop());
  lab.backup();
  lab.hear(150);
  const auto deadline = lab.router.deadline(TimerId::MasterDown);
  lab.advance(1ms);
  EXPECT_EQ(text(hear_v2(lab, 150, 3s)), "") << "another interval has no effect (R137)";
  EXPECT_EQ(text(hear_v2(lab, 0, 1s)), "") << "nor has another priority";
  EXPECT_EQ(lab.router.deadline(TimerId::MasterDown), deadline);
}

TEST(Interop, V2OfAnotherRouterCountsBesideAV3Master) {
  Lab lab(interop());
  lab.backup();
  lab.hear(150);
  hear_v2(lab, 160, 3s, kLower);
  EXPECT_EQ(lab.router.master()->address, kLower);
  EXPECT_EQ(lab.router.master_adver_interval(), 3s);
}

TEST(Interop, AMasterThatGoesOnInV2AloneIsHeardBeforeItIsGivenUp) {
  Lab lab(interop());
  lab.backup();
  lab.hear(150);
  lab.advance(3s);
  hear_v2(lab, 150, 1s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375us);
}

/// Decision 0036: one forged v3 advert in the name of a v2 Master.
TEST(Interop, V3OfALowerPriorityShadowsNobody) {
  Lab lab(interop());
  lab.backup();
  hear_v2(lab, 150, 1s);
  lab.advance(500ms);
  lab.hear(1, kGreater, 40950ms);
  lab.advance(500ms);
  hear_v2(lab, 150, 1s);
  EXPECT_EQ(lab.left(TimerId::MasterDown), 3'609'375us);
  EXPECT_EQ(lab.router.master()->priority, 150);
}

TEST(Interop, V3ShadowsForOurOwnIntervalsAtMost) {
  Lab lab(interop());
  lab.backup();
  lab.hear(150, kGreater, 4s);
  lab.advance(2999ms);
  EXPECT_EQ(text(hear_v2(lab, 150, 1s)), "");
  lab.advance(1ms);
  hear_v2(lab, 150, 1s);
  EXPECT_EQ(lab.router.master_adver_interval(), 1s);
}

TEST(Interop, AMasterIsShadowedByNobodyThatItDoesNotYieldTo) {
  Lab lab(interop());
  lab.master();
  lab.hear(50);
  hear_v2(lab, 150, 2s);
  EXPECT_EQ(lab.router.state(), State::Backup);
}

TEST(Interop, AMasterYieldsToAV2RouterOfHigherPriority) {
  Lab lab(interop());
  lab.master();
  hear_v2(lab, 150, 2s);
  EXPECT_EQ(lab.router.state(), State::Backup);
  EXPECT_EQ(lab.router.master_adver_interval(), 2s);
}

TEST(Owner, ThatIgnoresAdvertsStaysMasterWhateverItHears) {
  auto config = v3(255);
  config.owner_ignores_adverts = true;
  Lab lab(config);
  lab.master();
  EXPECT_EQ(text(lab.hear(255, kGreater)), "");
  EXPECT_EQ(lab.router.state(), State::Master);
}

TEST(Owner, YieldsToAnotherOwnerOfGreaterAddressUnlessToldOtherwise) {
  Lab lab(v3(255));
  lab.master();
  lab.hear(255, kGreater);
  EXPECT_EQ(lab.router.state(), State::Backup) << "erratum 8298 (D2)";
}

TEST(Source, TheNewAddressDecidesBetweenEqualPriorities) {
  Lab lab(v3());
  lab.master();
  EXPECT_EQ(text(lab.step(SourceChanged{IpAddress::v4(192, 0, 2, 253)})), "");
  lab.hear(100, kGreater);
  EXPECT_EQ(lab.router.state(), State::Master);
  EXPECT_EQ(lab.router.master()->address, IpAddress::v4(192, 0, 2, 253));
}

} // namespace
} // namespace xvrrp::core
