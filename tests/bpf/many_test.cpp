// SPDX-License-Identifier: BSD-2-Clause
// More virtual routers than the kernel would make timers for: one timer serves all of them.
#include <algorithm>
#include <set>

#include "bpf/bpf_test.hpp"

namespace xvrrp::test {
namespace {

constexpr std::uint16_t kVlans = 8;
constexpr std::uint8_t kVrids = 255;

class Many : public NeedsKernelTimer<BpfTest> {
protected:
  /// Calls `use` with 2,040 virtual routers.
  template <typename Use>
  static void for_each_router(Use use) {
    for (std::uint16_t vlan = 1; vlan <= kVlans; ++vlan) {
      for (unsigned vrid = 1; vrid <= kVrids; ++vrid) {
        auto router = v3_router().on_vlan(vlan);
        router.vrid = static_cast<std::uint8_t>(vrid);
        use(router);
      }
    }
  }

  /// Waits for one MASTER_DOWN of each router; none comes twice, none before its deadline.
  void expect_all_down() {
    std::set<std::pair<std::uint16_t, std::uint8_t>> down;
    wait_until([&] {
      for (const auto& event : take_events()) {
        EXPECT_EQ(event.type, static_cast<__u32>(XV_EVENT_MASTER_DOWN));
        EXPECT_GE(event.time_ns, event.deadline_ns);
        EXPECT_TRUE(down.emplace(event.key.vlan, event.key.vrid).second) << "told twice";
      }
      return down.size() == std::size_t{kVlans} * kVrids;
    });
    EXPECT_EQ(armed_ns(), 0u) << "nothing is left to wait for";
  }
};

TEST_F(Many, EveryMasterDownIsToldOnce) {
  auto deadline = now_ns() + kSecond;
  for_each_router([&](const Router& router) { start(router, deadline += 100'000); });
  expect_all_down();
}

TEST_F(Many, ThoseThatAreLostTogetherAreToldTogether) {
  const auto deadline = now_ns() + 2 * kSecond;
  for_each_router([&](const Router& router) { start(router, deadline); });
  expect_all_down();
}

TEST_F(Many, TheEarliestDeadlineArmsTheTimer) {
  auto first = v3_router();
  auto second = v2_router();
  const auto later = now_ns() + kHour;
  start(first, later);
  EXPECT_EQ(armed_ns(), later);
  start(second, later + kSecond);
  EXPECT_EQ(armed_ns(), later);
  set_role(second, XV_ROLE_BACKUP, later - kSecond, 2);
  EXPECT_EQ(armed_ns(), later - kSecond);
}

TEST_F(Many, OneThatIsDownDoesNotHoldUpTheOthers) {
  auto down = v3_router();
  auto up = v2_router();
  start(down, 1);
  EXPECT_EQ(wait_for_event(XV_EVENT_MASTER_DOWN).key.vrid, down.vrid);
  const auto deadline = now_ns() + 50 * kMillisecond;
  start(up, deadline);
  const auto event = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_EQ(event.key.vrid, up.vrid);
  EXPECT_EQ(event.deadline_ns, deadline);
  EXPECT_EQ(armed_ns(), 0u) << "the first one is not told again";
}

} // namespace
} // namespace xvrrp::test
