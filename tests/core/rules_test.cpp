// SPDX-License-Identifier: BSD-2-Clause
// Table 2.2 of the requirements (R28, R29), exact to the nanosecond, and the rules of the Backup state.
#include <algorithm>

#include "lab.hpp"

namespace xvrrp::core {
namespace {

struct TimerRow {
  Version version;
  std::uint8_t priority;
  Nanoseconds interval;
  std::int64_t skew_ns;
  std::int64_t down_ns;
};

constexpr TimerRow kTable22[] = {
    {Version::V3, 1, 1s, 996'093'750, 3'996'093'750},
    {Version::V3, 100, 1s, 609'375'000, 3'609'375'000},
    {Version::V3, 200, 1s, 218'750'000, 3'218'750'000},
    {Version::V3, 254, 1s, 7'812'500, 3'007'812'500},
    {Version::V3, 255, 1s, 3'906'250, 3'003'906'250},
    {Version::V3, 100, 3s, 1'828'125'000, 10'828'125'000},
    {Version::V3, 100, 100ms, 60'937'500, 360'937'500},
    {Version::V3, 100, 10ms, 6'093'750, 36'093'750},
    {Version::V3, 100, 40950ms, 24'953'906'250, 147'803'906'250},
    {Version::V2, 1, 1s, 996'093'750, 3'996'093'750},
    {Version::V2, 100, 1s, 609'375'000, 3'609'375'000},
    {Version::V2, 254, 1s, 7'812'500, 3'007'812'500},
    {Version::V2, 100, 3s, 609'375'000, 9'609'375'000},
};

TEST(Rules, TimersOfTable22) {
  for (const auto& row : kTable22) {
    SCOPED_TRACE(testing::Message() << 'v' << int{static_cast<std::uint8_t>(row.version)} << ", "
                                    << to_ms(row.interval) << " ms, priority " << int{row.priority});
    auto config = v3(row.priority, row.interval);
    config.version = row.version;
    const Router router(config);
    EXPECT_EQ(router.skew_time().count(), row.skew_ns);
    EXPECT_EQ(router.master_down_interval().count(), row.down_ns);
  }
}

TEST(Rules, R28_EveryRowOfTable22TakesOverAtMasterDownInterval) {
  for (const auto& row : kTable22) {
    if (row.priority == kPriorityOwner)
      continue;
    auto config = v3(row.priority, row.interval);
    config.version = row.version;
    Lab lab(config);
    lab.backup();
    EXPECT_EQ(lab.left(TimerId::MasterDown).count(), row.down_ns);
  }
}

TEST(Rules, SkewIsNeverCutToCentiseconds) {
  // Priorities 200 and 100 at 10 ms: a skew in whole centiseconds would be 0 for both.
  EXPECT_EQ(Router(v3(100, 10ms)).skew_time() - Router(v3(200, 10ms)).skew_time(), 3'906'250ns);
}

TEST(Rules, DownAdvertsIsTheMultiplier) {
  auto config = v3();
  config.down_adverts = 100;
  config.advertisement_interval = 40950ms;
  EXPECT_EQ(Router(config).master_down_interval(), 4095s + 24'953'906'250ns);
}

struct RuleRow {
  std::uint8_t version;
  std::uint8_t preempt;
  std::uint8_t ours;
  std::uint8_t advert;
  xv_backup_verdict verdict;
};

constexpr RuleRow kRules[] = {
    {3, 1, 100, 0, XV_BACKUP_SKEW},      {3, 0, 100, 0, XV_BACKUP_SKEW},
    {3, 1, 100, 99, XV_BACKUP_IGNORE},   {3, 0, 100, 99, XV_BACKUP_RESTART},
    {3, 1, 100, 100, XV_BACKUP_RESTART}, {3, 1, 100, 255, XV_BACKUP_RESTART},
    {3, 0, 255, 254, XV_BACKUP_IGNORE},  {3, 0, 255, 255, XV_BACKUP_RESTART},
    {2, 1, 100, 0, XV_BACKUP_SKEW},      {2, 1, 100, 99, XV_BACKUP_IGNORE},
    {2, 0, 100, 99, XV_BACKUP_RESTART},  {2, 1, 100, 100, XV_BACKUP_RESTART},
};

TEST(Rules, BackupHears) {
  constexpr __u64 kInForce = 1'000'000'000, kAdvertised = 3'000'000'000, kNow = 77;
  for (const auto& row : kRules) {
    const xv_backup_view view{kNow + 3'600'000'000'000, kInForce, row.version, row.ours, row.preempt, 3, {}};
    constexpr xv_backup_timer kUntouched{1, 2};
    xv_backup_timer timer = kUntouched;
    ASSERT_EQ(xv_backup_hears(&view, row.advert, kAdvertised, kNow, &timer), row.verdict) << int{row.advert};
    const __u64 learned = row.version == 2 ? kInForce : kAdvertised;
    switch (row.verdict) {
    case XV_BACKUP_IGNORE:
      EXPECT_EQ(timer.deadline_ns, kUntouched.deadline_ns);
      EXPECT_EQ(timer.interval_ns, kUntouched.interval_ns);
      break;
    case XV_BACKUP_SKEW:
      EXPECT_EQ(timer.deadline_ns, kNow + xv_skew_ns(row.version, row.ours, kInForce));
      EXPECT_EQ(timer.interval_ns, kInForce);
      break;
    case XV_BACKUP_RESTART:
      EXPECT_EQ(timer.deadline_ns, kNow + xv_master_down_ns(row.version, row.ours, 3, learned));
      EXPECT_EQ(timer.interval_ns, learned);
      break;
    }
  }
}

/// Decision 0036: whoever repeats it does not keep us waiting.
TEST(Rules, AResignationNeverMovesTheTimerBack) {
  constexpr __u64 kNow = 1'000'000'000'000, kInForce = 1'000'000'000;
  const __u64 skew = xv_skew_ns(3, 100, kInForce);
  for (const __u64 left : {__u64{0}, skew - 1, skew, skew + 1}) {
    const xv_backup_view view{kNow + left, kInForce, 3, 100, 1, 3, {}};
    xv_backup_timer timer{};
    ASSERT_EQ(xv_backup_hears(&view, 0, kInForce, kNow, &timer), XV_BACKUP_SKEW);
    EXPECT_EQ(timer.deadline_ns, kNow + std::min(left, skew));
  }
}

} // namespace
} // namespace xvrrp::core
