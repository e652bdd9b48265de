// SPDX-License-Identifier: BSD-2-Clause
// The limit of events per virtual router, and what may exceed it (decisions 0003 and 0015).
#include <xvrrp/rules/report.h>

#include <gtest/gtest.h>

namespace xvrrp::core {
namespace {

constexpr __u64 kSecond = XV_EVENT_LIMIT_NS;

/// A virtual router that hears, and an election that is told.
struct Reporter {
  __u64 now_ns = 3600 * kSecond;
  __u64 limit_ns = 0;
  __u32 limit_count = 0;
  __u32 unreported = 0;

  xv_reporting where() { return {&limit_ns, &limit_count, &unreported}; }

  /// As Backup: an advert that changes something, or one that does not.
  xv_report backup(int changes, int resigns = 0, bool room = true) {
    const auto reporting = where();
    return told(xv_backup_reports(&reporting, changes, resigns, now_ns), 1, room);
  }
  xv_report master(int outranked, bool room = true) {
    const auto reporting = where();
    return told(xv_master_reports(&reporting, outranked, now_ns), outranked, room);
  }
  xv_report expiry(__u64 deadline_ns, __u64& again_ns, bool room = true) {
    const auto reporting = where();
    return told(xv_expiry_reports(&reporting, deadline_ns, now_ns, &again_ns), 0, room);
  }

private:
  xv_report told(xv_report report, int settles, bool room) {
    const auto reporting = where();
    if (report == XV_REPORT_TELL && room)
      xv_reported(&reporting, settles);
    return report;
  }
};

/// How many of `times` are told.
template <typename Hears>
int tells(int times, Hears&& hears) {
  int told = 0;
  for (int i = 0; i < times; ++i)
    told += hears() == XV_REPORT_TELL;
  return told;
}

TEST(Reporting, ABackupTellsWhatChanges) {
  Reporter router;
  EXPECT_EQ(router.backup(0), XV_REPORT_NOTHING);
  EXPECT_EQ(router.backup(0, 1), XV_REPORT_NOTHING) << "the same resignation again";
  EXPECT_EQ(router.limit_count, 0u) << "and nothing is counted";
  EXPECT_EQ(router.backup(1), XV_REPORT_TELL);
  EXPECT_EQ(router.backup(0), XV_REPORT_NOTHING);
  EXPECT_EQ(router.limit_count, 1u);
}

TEST(Reporting, TheFirstOfARoleIsNewsToABackup) {
  Reporter router{.unreported = 1};
  EXPECT_EQ(router.backup(0), XV_REPORT_TELL);
  EXPECT_EQ(router.backup(0), XV_REPORT_NOTHING);
}

TEST(Reporting, WhatABackupCannotTellALaterAdvertTells) {
  Reporter router;
  EXPECT_EQ(router.backup(1, 0, false), XV_REPORT_TELL) << "but there is no room";
  EXPECT_EQ(router.limit_count, 0u) << "what wakes nobody takes nothing from the budget";
  EXPECT_EQ(router.backup(0, 0, false), XV_REPORT_TELL) << "nor now";
  EXPECT_EQ(router.backup(0), XV_REPORT_TELL) << "unchanged, but not told yet";
  EXPECT_EQ(router.backup(0), XV_REPORT_NOTHING);

  router.limit_count = XV_ADVERT_EVENTS_PER_S;
  EXPECT_EQ(router.backup(1), XV_REPORT_LIMITED);
  EXPECT_EQ(router.backup(0), XV_REPORT_LIMITED) << "still not told";
  router.now_ns += kSecond;
  EXPECT_EQ(router.backup(0), XV_REPORT_TELL);
  EXPECT_EQ(router.backup(0), XV_REPORT_NOTHING);
}

TEST(Reporting, EachKindHasItsCeilingAndOneCountServesAll) {
  Reporter backup;
  EXPECT_EQ(tells(1000, [&] { return backup.backup(1); }), XV_ADVERT_EVENTS_PER_S);
  EXPECT_EQ(tells(1000, [&] { return backup.backup(1, 1); }),
            XV_URGENT_EVENTS_PER_S - XV_ADVERT_EVENTS_PER_S);
  __u64 again_ns = 0;
  EXPECT_EQ(tells(1000, [&] { return backup.expiry(backup.now_ns, again_ns); }),
            XV_ROUTER_EVENTS_PER_S - XV_URGENT_EVENTS_PER_S);
  EXPECT_EQ(backup.limit_count, __u32{XV_ROUTER_EVENTS_PER_S});

  Reporter master;
  EXPECT_EQ(tells(1000, [&] { return master.master(0); }), XV_ADVERT_EVENTS_PER_S);
  EXPECT_EQ(tells(1000, [&] { return master.master(1); }), XV_URGENT_EVENTS_PER_S - XV_ADVERT_EVENTS_PER_S);
}

TEST(Reporting, ASecondIsCountedFromItsFirstEvent) {
  Reporter router;
  const auto began = router.now_ns;
  EXPECT_EQ(router.master(0), XV_REPORT_TELL);
  EXPECT_EQ(router.limit_ns, began);
  router.now_ns = began + kSecond - 1;
  EXPECT_EQ(tells(1000, [&] { return router.master(0); }), XV_ADVERT_EVENTS_PER_S - 1);
  router.now_ns = began + kSecond;
  EXPECT_EQ(router.master(0), XV_REPORT_TELL);
  EXPECT_EQ(router.limit_ns, began + kSecond);
  EXPECT_EQ(router.limit_count, 1u);
  router.now_ns = began; // another CPU was ahead
  EXPECT_EQ(router.master(0), XV_REPORT_TELL);
  EXPECT_EQ(router.limit_count, 2u);
}

TEST(Reporting, TheFirstThatOutranksAMasterPassesAnyLimit) {
  Reporter router{.unreported = 1};
  EXPECT_EQ(tells(1000, [&] { return router.master(0); }), XV_ADVERT_EVENTS_PER_S);
  EXPECT_EQ(router.unreported, 1u) << "one that loses says nothing of one that wins";
  router.limit_count = 2 * XV_ROUTER_EVENTS_PER_S;
  EXPECT_EQ(router.master(1, false), XV_REPORT_TELL) << "but there is no room";
  EXPECT_EQ(router.master(1), XV_REPORT_TELL) << "so the next is the first";
  EXPECT_EQ(router.master(1), XV_REPORT_LIMITED);
  EXPECT_EQ(router.master(0), XV_REPORT_LIMITED);
}

TEST(Reporting, AnExpirySaysWhenToLookAgain) {
  Reporter router{.unreported = 1};
  __u64 again_ns = 0;
  EXPECT_EQ(router.expiry(router.now_ns + 1, again_ns), XV_REPORT_NOTHING);
  EXPECT_EQ(again_ns, router.now_ns + 1) << "when it expires";
  EXPECT_EQ(router.expiry(router.now_ns, again_ns, false), XV_REPORT_TELL);
  EXPECT_EQ(again_ns, router.now_ns + XV_RING_RETRY_NS) << "if there is no room";
  EXPECT_EQ(router.limit_count, 0u);
  EXPECT_EQ(router.expiry(router.now_ns, again_ns), XV_REPORT_TELL);
  EXPECT_EQ(router.limit_count, 1u);
  EXPECT_EQ(router.unreported, 1u) << "it says nothing of what was heard";
  const auto began = router.limit_ns;
  router.limit_count = XV_ROUTER_EVENTS_PER_S;
  router.now_ns += kSecond / 2;
  EXPECT_EQ(router.expiry(began, again_ns), XV_REPORT_LIMITED);
  EXPECT_EQ(again_ns, began + kSecond) << "when the second is over";
}

} // namespace
} // namespace xvrrp::core
