// SPDX-License-Identifier: BSD-2-Clause
// A VRRPv3 virtual router that listens to VRRPv2 too (RFC 9568 8.4; R136 to R138).
#include <xvrrp/rules/backup.h>

#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

using Texts = std::vector<std::string>;

Packet v2_of_vrid_10() {
  return Packet::v2().vrid(10);
}

class Interop : public BpfTest {
protected:
  void prepare() override {
    configure_interface(XV_MODE_OWN);
    start(router_, now_ns() + kHour);
  }

  /// The time that the program gave the Master with the last advert.
  std::uint64_t patience() const {
    const auto state = live(router_);
    return state.deadline_ns - state.heard.last_ns;
  }
  /// Brings the time for which v2 of the router heard in v3 is ignored to its end.
  void end_shadow() {
    auto state = live(router_);
    state.interop.until_ns = now_ns();
    ASSERT_EQ(plane().liveness().set(key_of(router_), state), 0);
  }

  const Router router_ = v3_router().with_flags(XV_VR_V2_INTEROP);
};

// R136: seconds are translated and learned, and the skew is v3's.
TEST_F(Interop, TheSecondsOfAV2MasterAreLearned) {
  for (const std::uint8_t seconds : {std::uint8_t{3}, std::uint8_t{1}, std::uint8_t{4}}) {
    receive(v2_of_vrid_10().interval(seconds));
    EXPECT_EQ(live(router_).interval_ns, seconds * kSecond);
    EXPECT_EQ(patience(), 3 * seconds * kSecond + 156 * seconds * kSecond / 256);
  }
  EXPECT_EQ(counters(), (Counters{{"vr10 backup_restart", 3}})) << "a v2 interval is no v3 interval: no note";
}

TEST_F(Interop, AResigningV2MasterIsHeard) {
  receive(v2_of_vrid_10().interval(2));
  receive(v2_of_vrid_10().interval(2).priority(0));
  EXPECT_EQ(patience(), 156 * 2 * kSecond / 256) << "the skew of the interval in force";
}

// A v2 advert that names no interval would be a Master that is lost at once.
TEST_F(Interop, AV2IntervalOfZeroIsRefused) {
  const auto before = live(router_).deadline_ns;
  EXPECT_EQ(receive(v2_of_vrid_10().interval(0)), "XDP_DROP");
  EXPECT_EQ(counters(), (Counters{{"vr10 zero_interval", 1}}));
  EXPECT_EQ(live(router_).deadline_ns, before);
  EXPECT_EQ(live(router_).interval_ns, kSecond);
}

TEST_F(Interop, V2HasNoAuthenticationHere) {
  receive(v2_of_vrid_10().password("1212"));
  EXPECT_EQ(counters(), (Counters{{"vr10 auth_type", 1}}));
}

// R137: v2 with another priority or interval has no effect.
TEST_F(Interop, V2OfARouterHeardInV3IsIgnored) {
  receive(Packet::v3().interval(100));
  (void)take_events();
  const auto before = live(router_);
  for (const std::uint8_t priority : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{101}, std::uint8_t{255}})
    EXPECT_EQ(receive(v2_of_vrid_10().priority(priority).interval(7)), "XDP_DROP");
  const auto after = live(router_);
  EXPECT_EQ(after.deadline_ns, before.deadline_ns);
  EXPECT_EQ(after.interval_ns, before.interval_ns);
  EXPECT_EQ(after.heard.adverts, before.heard.adverts);
  EXPECT_EQ(describe(take_events()), Texts{});
  EXPECT_EQ(counters(), (Counters{{"vr10 backup_restart", 1}, {"vr10 v2_shadowed", 4}}));
}

TEST_F(Interop, ThatLastsAsLongAsItsV3IsExpected) {
  receive(Packet::v3().interval(50));
  EXPECT_EQ(live(router_).interop.until_ns - live(router_).heard.last_ns, 3 * 500 * kMillisecond)
      << "down_adverts intervals, so shorter than Master_Down_Timer";
  receive(v2_of_vrid_10());
  end_shadow();
  receive(v2_of_vrid_10());
  EXPECT_EQ(counters(),
            (Counters{{"vr10 backup_restart", 2}, {"vr10 interval_differs", 1}, {"vr10 v2_shadowed", 1}}));
  EXPECT_EQ(live(router_).heard.version, 2);
  EXPECT_EQ(patience(), 3 * kSecond + 156 * kSecond / 256);
}

TEST_F(Interop, ItIsTheSourceThatCounts) {
  receive(Packet::v3());
  receive(v2_of_vrid_10().source({192, 168, 1, 10}));
  EXPECT_EQ(counters(), (Counters{{"vr10 backup_restart", 2}}));
  for (std::size_t byte = 0; byte < 4; ++byte) {
    Packet::Address source{192, 168, 1, 11};
    source[byte] = static_cast<std::uint8_t>(source[byte] + 3);
    receive(v2_of_vrid_10().source(source));
  }
  EXPECT_EQ(counters(), (Counters{{"vr10 backup_restart", 6}})) << "every byte of it";
  receive(v2_of_vrid_10());
  EXPECT_EQ(counters().at("vr10 v2_shadowed"), 1u) << "who is heard in v2 alone changes nothing of that";
}

// Decision 0036.
TEST_F(Interop, OnlyAMasterThatIsObeyedIsShadowed) {
  receive(v2_of_vrid_10());
  receive(Packet::v3().priority(1).interval(4095));
  EXPECT_EQ(live(router_).interop.until_ns, 0u);
  receive(v2_of_vrid_10());
  EXPECT_EQ(counters().count("vr10 v2_shadowed"), 0u);
  set_role(router_, XV_ROLE_MASTER, 0, 2);
  receive(Packet::v3().priority(99));
  (void)take_events();
  receive(v2_of_vrid_10().priority(200));
  EXPECT_EQ(describe(take_events()), Texts{"advert master_heard"});
}

TEST_F(Interop, ItLastsForOurOwnIntervalsAtMost) {
  receive(Packet::v3().interval(4095));
  EXPECT_EQ(live(router_).interop.until_ns - live(router_).heard.last_ns, 3 * kSecond);
}

TEST_F(Interop, AMasterThatYieldsIgnoresItToo) {
  set_role(router_, XV_ROLE_MASTER, 0, 2);
  receive(Packet::v3().priority(200));
  (void)take_events();
  receive(v2_of_vrid_10().priority(200));
  EXPECT_EQ(describe(take_events()), Texts{});
  receive(v2_of_vrid_10().priority(200).source({192, 168, 1, 10}));
  EXPECT_EQ(describe(take_events()), Texts{"advert master_heard"});
}

TEST_F(Interop, OneVirtualRouterDoesNotShadowAnother) {
  auto other = router_;
  other.vrid = 11;
  start(other, now_ns() + kHour);
  receive(Packet::v3());
  receive(Packet::v2().vrid(11));
  EXPECT_EQ(counters(), (Counters{{"vr10 backup_restart", 1}, {"vr11 backup_restart", 1}}));
}

// R138: without the flag v2 is another version, and it leaves no trace in what is heard.
TEST_F(Interop, WithoutTheFlagV2IsAnotherVersion) {
  auto plain = v3_router();
  plain.vrid = 11;
  start(plain, now_ns() + kHour);
  receive(Packet::v3().vrid(11));
  EXPECT_EQ(live(plain).interop.until_ns, 0u);
  receive(Packet::v2().vrid(11));
  EXPECT_EQ(counters(), (Counters{{"vr11 backup_restart", 1}, {"vr11 version", 1}}));
  EXPECT_EQ(live(plain).heard.adverts, 1u);
}

TEST_F(Interop, OverIPv6ThereIsNoV2) {
  const auto six = six_router().with_flags(XV_VR_V2_INTEROP);
  start(six, now_ns() + kHour);
  receive(Packet::v3_six().version(2));
  EXPECT_EQ(counters(), (Counters{{"six10 version", 1}}));
}

} // namespace
} // namespace xvrrp::test
