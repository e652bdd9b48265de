// SPDX-License-Identifier: BSD-2-Clause
// One packet has no lasting effect (decision 0036): the kernel's part.
#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

class Patience : public BpfTest {
protected:
  void prepare() override {
    configure_interface(XV_MODE_OWN);
    start(router_, now_ns() + kHour);
  }
  std::uint64_t left() const {
    const auto state = live(router_);
    return state.deadline_ns - state.heard.last_ns;
  }
  /// As if so much time had passed since the last advert.
  void pass(std::uint64_t time_ns) {
    auto state = live(router_);
    state.patience.since_ns -= time_ns;
    state.patience.last_ns -= time_ns;
    ASSERT_EQ(plane().liveness().set(key_of(router_), state), 0);
  }

  const Router router_ = v3_router();
};

TEST_F(Patience, OneAdvertIsWorthFourOfOurIntervals) {
  for (const auto interval : {std::uint16_t{401}, std::uint16_t{1000}, std::uint16_t{4095}}) {
    receive(Packet::v3().priority(254).interval(interval));
    EXPECT_EQ(live(router_).interval_ns, 4 * kSecond);
    EXPECT_EQ(left(), master_down_ns(router_, 4 * kSecond));
  }
}

TEST_F(Patience, AnIntervalThatIsKeptIsLearnedAndTold) {
  receive(Packet::v3().interval(1000));
  auto events = take_events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].interval_ns, 4 * kSecond);
  EXPECT_EQ(events[0].interval_wire, 1000);
  pass(10 * kSecond);
  receive(Packet::v3().interval(1000));
  EXPECT_EQ(live(router_).interval_ns, 10 * kSecond);
  events = take_events();
  ASSERT_EQ(events.size(), 1u) << "the election must know";
  EXPECT_EQ(events[0].interval_ns, 10 * kSecond);
  pass(10 * kSecond);
  receive(Packet::v3().interval(1000));
  EXPECT_TRUE(take_events().empty());
}

TEST_F(Patience, AMasterYieldsForNoLonger) {
  set_role(router_, XV_ROLE_MASTER, 0, 2);
  (void)take_events();
  receive(Packet::v3().priority(254).interval(4095));
  const auto events = take_events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].interval_ns, 4 * kSecond);
}

TEST_F(Patience, WhoIsNotObeyedTeachesNothing) {
  receive(Packet::v3().interval(1000));
  pass(10 * kSecond);
  receive(Packet::v3().interval(4095).priority(1).source({192, 168, 1, 66}));
  receive(Packet::v3().interval(1000));
  EXPECT_EQ(live(router_).interval_ns, 10 * kSecond) << "it has not made us forget";
}

TEST_F(Patience, AResignationIsOfTheMasterThatWasHeardLast) {
  receive(Packet::v3());
  (void)take_events();
  const auto before = live(router_);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(receive(Packet::v3().priority(0).source({192, 168, 1, 66})), "XDP_DROP");
  EXPECT_EQ(live(router_).deadline_ns, before.deadline_ns);
  EXPECT_EQ(live(router_).heard.adverts, before.heard.adverts) << "as if it had not been heard";
  EXPECT_TRUE(take_events().empty());
  EXPECT_EQ(counters(),
            (Counters{{"vr10 backup_restart", 1}, {"vr10 other_resigned", 3}, {"vr10 priority_zero", 3}}));
  receive(Packet::v3().priority(0));
  EXPECT_EQ(left(), 156 * kSecond / 256);
}

TEST_F(Patience, ARepeatedResignationPostponesNothing) {
  receive(Packet::v3());
  receive(Packet::v3().priority(0));
  const auto deadline = live(router_).deadline_ns;
  receive(Packet::v3().priority(0), 20);
  EXPECT_EQ(live(router_).deadline_ns, deadline);
}

} // namespace
} // namespace xvrrp::test
