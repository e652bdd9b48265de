// SPDX-License-Identifier: BSD-2-Clause
// The control program: what the election thread asks of the kernel.
#include <cerrno>

#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

class Control : public BpfTest {};
using KernelTimerControl = NeedsKernelTimer<Control>;

TEST_F(KernelTimerControl, BackupIsArmedForItsDeadline) {
  const auto router = v3_router();
  const auto deadline = now_ns() + kHour;
  configure(router);
  set_role(router, XV_ROLE_BACKUP, deadline, 7, 30 * kMillisecond);
  const auto state = live(router);
  EXPECT_EQ(state.role, static_cast<__u32>(XV_ROLE_BACKUP));
  EXPECT_EQ(state.deadline_ns, deadline);
  EXPECT_EQ(armed_ns(), deadline);
  EXPECT_EQ(state.interval_ns, 30 * kMillisecond);
  EXPECT_EQ(state.generation, 7u);
}

TEST_F(KernelTimerControl, OtherRolesAreNotArmed) {
  for (const auto role : {XV_ROLE_STOPPED, XV_ROLE_MASTER}) {
    const auto router = v3_router();
    configure(router);
    set_role(router, role, now_ns(), 1);
    EXPECT_EQ(live(router).role, static_cast<__u32>(role));
    EXPECT_EQ(armed_ns(), 0u);
  }
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{});
}

TEST_F(KernelTimerControl, ADeadlineThatHasPassedExpiresAtOnce) {
  start(v3_router(), 1);
  EXPECT_EQ(wait_for_event(XV_EVENT_MASTER_DOWN).deadline_ns, 1u);
}

TEST_F(KernelTimerControl, TheLastRoleCounts) {
  const auto router = v3_router();
  start(router, now_ns() + kHour);
  const auto sooner = now_ns() + 50 * kMillisecond;
  set_role(router, XV_ROLE_BACKUP, sooner, 2);
  const auto event = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_EQ(event.deadline_ns, sooner);
  EXPECT_EQ(event.generation, 2u);
  EXPECT_GE(event.time_ns, sooner);

  set_role(router, XV_ROLE_BACKUP, now_ns() + kHour, 3);
  const auto later = now_ns() + 2 * kHour;
  set_role(router, XV_ROLE_BACKUP, later, 4);
  EXPECT_EQ(live(router).deadline_ns, later);
}

// The election thread asks for the timer again when it did not hear of what brought a deadline forward.
TEST_F(Control, AskingForTheTimerAgainKeepsALaterDeadline) {
  configure_interface(XV_MODE_OWN);
  const auto router = v3_router();
  start(router, now_ns() + kSecond);
  receive(Packet::v3());
  const auto heard = live(router).deadline_ns;
  set_role(router, XV_ROLE_BACKUP, now_ns(), 1);
  EXPECT_EQ(live(router).deadline_ns, heard) << "the Master was heard since";
  const auto later = now_ns() + kHour;
  set_role(router, XV_ROLE_BACKUP, later, 1);
  EXPECT_EQ(live(router).deadline_ns, later);
  const auto sooner = now_ns() + kSecond;
  set_role(router, XV_ROLE_BACKUP, sooner, 2);
  EXPECT_EQ(live(router).deadline_ns, sooner) << "a new generation is a new beginning";
}

TEST_F(Control, AdvertsCarryTheGenerationOfTheRole) {
  configure_interface(XV_MODE_OWN);
  const auto router = v3_router();
  start(router, now_ns() + kHour);
  for (const std::uint32_t generation : {5u, 6u}) {
    set_role(router, XV_ROLE_BACKUP, now_ns() + kHour, generation);
    receive(Packet::v3());
    const auto events = take_events();
    ASSERT_EQ(describe(events), std::vector<std::string>{"advert backup_restart"})
        << "whoever is heard first in a role is news";
    EXPECT_EQ(events[0].generation, generation);
  }
}

TEST_F(Control, ForgettingTwiceIsNoError) {
  xv_command forget{};
  forget.key = key_of(v3_router());
  forget.op = XV_COMMAND_FORGET;
  EXPECT_EQ(plane().run(forget), 0);
  start(v3_router(), now_ns() + kHour);
  EXPECT_EQ(plane().run(forget), 0);
  EXPECT_FALSE(plane().liveness().find(forget.key));
  EXPECT_EQ(plane().run(forget), 0);
}

TEST_F(Control, UnknownCommandsAreRefused) {
  xv_command command{};
  command.key = key_of(v3_router());
  command.op = 99;
  EXPECT_EQ(plane().run(command), EINVAL);
}

TEST_F(Control, FullIsAnErrorAndThenThereIsRoomAgain) {
  // Filled from user space, so that the test does not take memory for 4,096 timers.
  auto other = key_of(v3_router());
  for (std::uint32_t i = 0; i < XV_MAX_VRS; ++i) {
    other.ifindex = 1000 + i;
    ASSERT_EQ(plane().liveness().set(other, {}), 0);
  }
  xv_command command{};
  command.key = key_of(v3_router());
  command.op = XV_COMMAND_ROLE;
  command.role = XV_ROLE_STOPPED;
  EXPECT_EQ(plane().run(command), E2BIG);

  xv_command forget{};
  forget.key = other;
  forget.op = XV_COMMAND_FORGET;
  EXPECT_EQ(plane().run(forget), 0);
  EXPECT_EQ(plane().run(command), 0);
}

TEST_F(Control, AChangedConfigurationKnowsOnlyTheNewPeers) {
  configure_interface(XV_MODE_OWN);
  auto router = guide_router();
  start(router, now_ns() + kHour);
  router.peers = {IpAddress::v4(192, 168, 1, 10)};
  configure(router);
  const auto before = counters();
  receive(Packet::guide());
  receive(Packet::guide().source({192, 168, 1, 10}));
  EXPECT_EQ(moved(before, counters()), (Counters{{"vr150 not_a_peer", 1}, {"vr150 backup_restart", 1}}));
}

} // namespace
} // namespace xvrrp::test
