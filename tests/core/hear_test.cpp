// SPDX-License-Identifier: BSD-2-Clause
// The way of an advert through the rules: in which order they ask, and what they leave behind.
#include <xvrrp/rules/hear.h>

#include <algorithm>

#include <gtest/gtest.h>

namespace xvrrp::core {
namespace {

constexpr __u64 kSecond = 1'000'000'000;

xv_advert advert(__u8 priority, __u8 last_byte, __u8 version = 3) {
  xv_advert sent{};
  sent.family = 4;
  sent.version = version;
  sent.priority = priority;
  sent.interval = version == 2 ? 1 : 100;
  std::copy_n(std::initializer_list<__u8>{192, 0, 2, last_byte}.begin(), 4, sent.source);
  return sent;
}

/// A virtual router of priority 100 at 192.0.2.5, in v3 with preemption.
struct Ear {
  xv_vr_config config{};
  xv_vr_live live{};
  xv_encounter last{};
  __u64 now_ns = 3600 * kSecond;

  explicit Ear(xv_role role) {
    config.advert_interval_ns = kSecond;
    config.interval_wire = 100;
    config.flags = XV_VR_PREEMPT;
    config.version = 3;
    config.priority = 100;
    config.down_adverts = 3;
    std::copy_n(std::initializer_list<__u8>{192, 0, 2, 5}.begin(), 4, config.local_address);
    live.interval_ns = kSecond;
    live.deadline_ns = now_ns + 10 * kSecond;
    become(role);
  }

  void become(xv_role role) {
    live.role = role;
    live.unreported = 1;
  }

  /// As the program does it, with room for events or without.
  xv_reason hears(xv_advert sent, bool room = true) {
    last = {};
    last.now_ns = now_ns;
    last.deadline_ns = live.deadline_ns;
    last.role = live.role;
    const auto reason = xv_hears(&live, &config, &sent, &last);
    notes = sent.notes;
    if (last.moves)
      live.deadline_ns = last.deadline_ns;
    if (last.report == XV_REPORT_TELL && room)
      xv_told(&live, &last);
    return reason;
  }
  __u8 notes = 0;
};

TEST(Hearing, ABackupMovesItsTimerAndTellsWhatIsNew) {
  Ear ear(XV_ROLE_BACKUP);
  EXPECT_EQ(ear.hears(advert(200, 7)), XV_backup_restart);
  EXPECT_EQ(ear.last.moves, 1u);
  EXPECT_EQ(ear.live.deadline_ns, ear.now_ns + xv_master_down_ns(3, 100, 3, kSecond));
  EXPECT_EQ(ear.last.interval_ns, kSecond);
  EXPECT_EQ(ear.last.report, XV_REPORT_TELL);
  EXPECT_EQ(ear.hears(advert(200, 7)), XV_backup_restart);
  EXPECT_EQ(ear.last.report, XV_REPORT_NOTHING);
  EXPECT_EQ(ear.last.moves, 1u);
  EXPECT_EQ(ear.hears(advert(99, 8)), XV_backup_ignore);
  EXPECT_EQ(ear.last.moves, 0u);
  EXPECT_EQ(ear.last.report, XV_REPORT_TELL) << "another source";
  EXPECT_EQ(ear.last.counts, 0u);
}

TEST(Hearing, EachWordOfAnAdvertIsNewsButItsTime) {
  Ear ear(XV_ROLE_BACKUP);
  auto sent = advert(200, 7);
  const auto is_news = [&] {
    ear.now_ns += kSecond;
    ear.hears(sent);
    const auto first = ear.last.report;
    ear.hears(sent);
    return first == XV_REPORT_TELL && ear.last.report == XV_REPORT_NOTHING;
  };
  EXPECT_TRUE(is_news());
  EXPECT_FALSE(is_news());
  sent.priority = 201;
  EXPECT_TRUE(is_news());
  sent.interval = 200;
  EXPECT_TRUE(is_news());
  sent.priority = 99;
  EXPECT_TRUE(is_news());
  sent.interval = 300; // which we do not learn: it loses
  EXPECT_TRUE(is_news());
  sent.notes = XV_NOTE_ADDRESS_LIST;
  EXPECT_TRUE(is_news());
  for (const std::size_t byte : {0, 5, 11, 15}) {
    sent.source[byte] ^= 1;
    EXPECT_TRUE(is_news()) << byte;
  }
  ear.config.version = 2; // and learns no interval: it is the version that is news
  sent.version = 2;
  EXPECT_TRUE(is_news());
}

/// The same advert, but more of its interval is believed (rules/patience.h).
TEST(Hearing, AnotherIntervalInForceIsNews) {
  Ear ear(XV_ROLE_BACKUP);
  auto sent = advert(200, 7);
  sent.interval = 1000;
  ear.hears(sent);
  EXPECT_EQ(ear.live.interval_ns, 4 * kSecond);
  EXPECT_EQ(ear.last.report, XV_REPORT_TELL);
  ear.hears(sent);
  EXPECT_EQ(ear.last.report, XV_REPORT_NOTHING);
  ear.now_ns += 10 * kSecond;
  ear.hears(sent);
  EXPECT_EQ(ear.live.interval_ns, 10 * kSecond);
  EXPECT_EQ(ear.last.report, XV_REPORT_TELL);
}

TEST(Hearing, WhatIsNotHeardLeavesNoTrace) {
  Ear ear(XV_ROLE_BACKUP);
  ear.hears(advert(200, 7));
  const auto before = ear.live.heard;
  EXPECT_EQ(ear.hears(advert(0, 8)), XV_other_resigned) << "it was not Master";
  EXPECT_EQ(ear.last.counts, XV_REASON_BIT(priority_zero));
  EXPECT_EQ(ear.last.report, XV_REPORT_NOTHING);
  EXPECT_EQ(ear.last.moves, 0u);
  EXPECT_EQ(ear.live.heard.adverts, before.adverts);
  EXPECT_EQ(ear.live.heard.priority, 200);
  EXPECT_EQ(ear.hears(advert(0, 7)), XV_backup_skew);
  EXPECT_EQ(ear.last.counts, XV_REASON_BIT(priority_zero));
  EXPECT_EQ(ear.live.deadline_ns, ear.now_ns + xv_skew_ns(3, 100, kSecond));

  Ear interop(XV_ROLE_BACKUP);
  interop.config.flags |= XV_VR_V2_INTEROP;
  interop.hears(advert(200, 7));
  EXPECT_EQ(interop.hears(advert(0, 7, 2)), XV_v2_shadowed) << "before anything else is asked";
  EXPECT_EQ(interop.last.counts, 0u);
  EXPECT_EQ(interop.live.heard.adverts, 1u);
  EXPECT_EQ(interop.hears(advert(200, 8, 2)), XV_backup_restart) << "of another router";
}

TEST(Hearing, AStoppedRouterRemembersAndSaysNothing) {
  Ear ear(XV_ROLE_STOPPED);
  EXPECT_EQ(ear.hears(advert(0, 7)), XV_stopped);
  EXPECT_EQ(ear.last.counts, 0u);
  EXPECT_EQ(ear.last.report, XV_REPORT_NOTHING);
  EXPECT_EQ(ear.last.moves, 0u);
  EXPECT_EQ(ear.live.heard.adverts, 1u);
  ear.become(XV_ROLE_BACKUP);
  EXPECT_EQ(ear.hears(advert(0, 7)), XV_backup_skew);
  EXPECT_EQ(ear.last.report, XV_REPORT_TELL) << "the same, but the first of this role";
}

TEST(Hearing, AMasterTellsEachWithinTheLimit) {
  for (const auto role : {XV_ROLE_MASTER, XV_ROLE_RESIGNING}) {
    Ear ear(role);
    const auto deadline_ns = ear.live.deadline_ns;
    EXPECT_EQ(ear.hears(advert(99, 7)), XV_master_heard);
    EXPECT_EQ(ear.hears(advert(99, 7)), XV_master_heard);
    EXPECT_EQ(ear.last.report, XV_REPORT_TELL) << "unchanged";
    EXPECT_EQ(ear.live.unreported, 1u) << "none has outranked us";
    EXPECT_EQ(ear.hears(advert(0, 8)), XV_master_heard) << "whoever resigns";
    ear.live.limit_count = XV_URGENT_EVENTS_PER_S;
    EXPECT_EQ(ear.hears(advert(0, 7)), XV_master_limited);
    EXPECT_EQ(ear.last.counts, XV_REASON_BIT(priority_zero));
    EXPECT_EQ(ear.hears(advert(100, 4)), XV_master_limited) << "a lower address";
    EXPECT_EQ(ear.hears(advert(100, 6), false), XV_master_heard) << "a greater one, but there is no room";
    EXPECT_EQ(ear.hears(advert(100, 6)), XV_master_heard);
    EXPECT_EQ(ear.hears(advert(100, 6)), XV_master_limited) << "it is not the first any more";
    EXPECT_EQ(ear.live.deadline_ns, deadline_ns);
  }
}

TEST(Hearing, OnlyABackupObeysALowerPriority) {
  for (const auto role : {XV_ROLE_BACKUP, XV_ROLE_MASTER}) {
    Ear ear(role);
    ear.config.flags = 0;
    auto sent = advert(99, 7);
    sent.interval = 1000;
    ear.hears(sent);
    EXPECT_EQ(ear.last.interval_ns, role == XV_ROLE_BACKUP ? 4 * kSecond : 10 * kSecond)
        << "what it says matters only to who obeys";
    EXPECT_EQ(ear.live.patience.last_ns, role == XV_ROLE_BACKUP ? ear.now_ns : 0);
  }
}

TEST(Hearing, TheGapsAreRemembered) {
  xv_hearing heard{};
  const auto first = advert(200, 7);
  auto now_ns = kSecond;
  for (const __u64 gap_ns : {kSecond, 3 * kSecond, kSecond / 2}) {
    now_ns += gap_ns;
    xv_remembers(&heard, &first, kSecond, now_ns);
  }
  EXPECT_EQ(heard.adverts, 3u);
  EXPECT_EQ(heard.last_ns, now_ns);
  EXPECT_EQ(heard.gap_ns, kSecond / 2);
  EXPECT_EQ(heard.gap_max_ns, 3 * kSecond);
  const __u64 late_ns = 2 * kSecond / 16;
  EXPECT_EQ(heard.jitter_ns, late_ns - late_ns / 16 + kSecond / 2 / 16);
  EXPECT_EQ(heard.changes, 0u);

  const auto other = advert(200, 8);
  xv_remembers(&heard, &other, kSecond, now_ns + kSecond);
  EXPECT_EQ(heard.changes, 1u);
  EXPECT_EQ(heard.gap_ns, 0u);
  EXPECT_EQ(heard.gap_max_ns, 0u);
  EXPECT_EQ(heard.jitter_ns, 0u);
  EXPECT_EQ(heard.adverts, 4u);
}

TEST(Hearing, OverItsLimitABackupStillMovesTheTimer) {
  Ear ear(XV_ROLE_BACKUP);
  ear.hears(advert(200, 7));
  ear.live.limit_count = XV_ADVERT_EVENTS_PER_S;
  ear.now_ns += kSecond / 2;
  EXPECT_EQ(ear.hears(advert(201, 7)), XV_backup_restart);
  EXPECT_EQ(ear.last.counts, XV_REASON_BIT(event_limited));
  EXPECT_EQ(ear.live.deadline_ns, ear.now_ns + xv_master_down_ns(3, 100, 3, kSecond));
  EXPECT_EQ(ear.hears(advert(0, 7)), XV_backup_skew);
  EXPECT_EQ(ear.last.report, XV_REPORT_TELL) << "it changes who is Master";
  EXPECT_EQ(ear.live.unreported, 0u);
}

TEST(Hearing, AnotherPaceThanOursIsNoted) {
  Ear ear(XV_ROLE_BACKUP);
  ear.config.advert_interval_ns = XV_CENTISECOND_NS / 10;
  auto sent = advert(200, 7);
  sent.interval = 1;
  for (unsigned i = 0; i <= XV_PACE_ADVERTS; ++i) {
    ear.hears(sent);
    ear.now_ns += XV_CENTISECOND_NS;
  }
  EXPECT_EQ(ear.notes, XV_NOTE_PACE);
  EXPECT_EQ(ear.last.counts, XV_REASON_BIT(pace_differs));
  EXPECT_EQ(ear.live.heard.notes, XV_NOTE_PACE);
}

} // namespace
} // namespace xvrrp::core
