// SPDX-License-Identifier: BSD-2-Clause
// Which adverts become events, and how many of them.
#include "bpf/bpf_test.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

using Texts = std::vector<std::string>;

class Report : public BpfTest {
protected:
  void prepare() override { configure_interface(XV_MODE_OWN); }
  Texts events_of(const Bytes& frame, std::uint32_t times = 1) {
    receive(frame, times);
    return describe(take_events());
  }
  static std::uint64_t far_away() { return now_ns() + kHour; }
};
using KernelTimerReport = NeedsKernelTimer<Report>;

TEST_F(Report, ABackupReportsOnlyWhatChanged) {
  start(v3_router(), far_away());
  EXPECT_EQ(events_of(Packet::v3()), Texts{"advert backup_restart"}) << "first heard";
  EXPECT_EQ(events_of(Packet::v3(), 1000), Texts{}) << "the same again";
  EXPECT_EQ(events_of(Packet::v3().priority(102)), Texts{"advert backup_restart"}) << "priority";
  EXPECT_EQ(events_of(Packet::v3().priority(102)), Texts{});
  EXPECT_EQ(events_of(Packet::v3().priority(102).interval(99)), Texts{"advert backup_restart"}) << "interval";
  EXPECT_EQ(events_of(Packet::v3().priority(102).interval(99)), Texts{});
  EXPECT_EQ(events_of(Packet::v3().priority(102).interval(99).source({192, 168, 1, 9})),
            Texts{"advert backup_restart"})
      << "Master";
  EXPECT_EQ(events_of(Packet::v3().priority(102).interval(99).source({192, 168, 1, 9})), Texts{});
  EXPECT_EQ(events_of(Packet::v3().priority(102).interval(99).source({192, 168, 1, 9}).addresses(2)),
            Texts{"advert backup_restart"})
      << "addresses";
  EXPECT_EQ(events_of(Packet::v3().priority(102).interval(99).source({192, 168, 1, 9}).addresses(2)),
            Texts{});
}

TEST_F(Report, AnEventSaysWhatWasHeard) {
  const auto router = v3_router();
  start(router, far_away());
  const auto before = now_ns();
  receive(Packet::v3().priority(123).interval(321).message_only_checksum().trailing({1}));
  const auto events = take_events();
  ASSERT_EQ(describe(events), Texts{"advert backup_restart"});
  const auto& event = events[0];
  EXPECT_GE(event.time_ns, before);
  EXPECT_LE(event.time_ns, now_ns());
  EXPECT_TRUE(dataplane::same_key(event.key, key_of(router)));
  EXPECT_EQ(IpAddress::from_bytes(Family::IPv4, event.source), IpAddress::v4(192, 168, 1, 11));
  EXPECT_EQ(event.interval_wire, 321);
  EXPECT_EQ(event.version, 3);
  EXPECT_EQ(event.priority, 123);
  EXPECT_EQ(event.notes, XV_NOTE_INTERVAL_DIFFERS | XV_NOTE_CHECKSUM_MESSAGE | XV_NOTE_TRAILING);
  EXPECT_EQ(event.generation, 1u);
}

// Heard while stopped, so not a change any more; but the election has not seen it.
TEST_F(Report, WhatWasHeardWhileStoppedIsNewsToABackup) {
  const auto router = v3_router();
  configure(router);
  set_role(router, XV_ROLE_STOPPED, 0, 1);
  EXPECT_EQ(events_of(Packet::v3(), 3), Texts{});
  EXPECT_EQ(live(router).heard.adverts, 3u);
  set_role(router, XV_ROLE_BACKUP, far_away(), 2);
  EXPECT_EQ(events_of(Packet::v3()), Texts{"advert backup_restart"});
  EXPECT_EQ(events_of(Packet::v3()), Texts{});
}

TEST_F(Report, ABackupThatHearsNothingButChangesIsLimited) {
  const auto router = v3_router();
  start(router, far_away());
  for (int i = 0; i < 75; ++i) {
    receive(Packet::v3().priority(101));
    receive(Packet::v3().priority(102));
  }
  EXPECT_EQ(take_events().size(), std::size_t{XV_ADVERT_EVENTS_PER_S});
  EXPECT_EQ(counters(), (Counters{{"vr10 backup_restart", 150}, {"vr10 event_limited", 50}}))
      << "all were counted and restarted the timer";
  EXPECT_EQ(live(router).unreported, 1u);

  EXPECT_EQ(events_of(Packet::v3().priority(102)), Texts{}) << "still over the limit";
  age_event_limit(router);
  EXPECT_EQ(events_of(Packet::v3().priority(102)), Texts{"advert backup_restart"}) << "made up later";
  EXPECT_EQ(live(router).unreported, 0u);
  EXPECT_EQ(events_of(Packet::v3().priority(102)), Texts{});
}

TEST_F(Report, AMastersLosingAdvertsAreLimited) {
  const auto router = v3_router().in_role(XV_ROLE_MASTER);
  start(router, far_away());
  receive(Packet::v3().priority(99), 250);
  EXPECT_EQ(take_events().size(), std::size_t{XV_ADVERT_EVENTS_PER_S});
  EXPECT_EQ(counters(),
            (Counters{{"vr10 master_heard", XV_ADVERT_EVENTS_PER_S}, {"vr10 master_limited", 150}}));
  EXPECT_EQ(receive(Packet::v3().priority(99)), "XDP_DROP");
  EXPECT_EQ(events_of(Packet::v3().priority(100)), Texts{}) << "the same priority loses by its lower address";
  age_event_limit(router);
  EXPECT_EQ(events_of(Packet::v3().priority(99)), Texts{"advert master_heard"}) << "the next second";
}

TEST_F(Report, AnOutrankingAdvertReachesTheElectionThroughAFlood) {
  const auto router = v3_router().in_role(XV_ROLE_MASTER);
  start(router, far_away());
  receive(Packet::v3().priority(0), 1000);
  EXPECT_EQ(take_events().size(), std::size_t{XV_ADVERT_EVENTS_PER_S});
  EXPECT_EQ(events_of(Packet::v3().priority(101)), Texts{"advert master_heard"}) << "higher priority";
  EXPECT_EQ(events_of(Packet::v3().priority(100).source({192, 168, 1, 13})), Texts{"advert master_heard"})
      << "same priority, higher address";
}

TEST_F(Report, AFloodOfOutrankingAdvertsIsLimited) {
  const auto router = v3_router().in_role(XV_ROLE_MASTER);
  start(router, far_away());
  receive(Packet::v3().priority(101), 1000);
  EXPECT_EQ(take_events().size(), std::size_t{XV_URGENT_EVENTS_PER_S});
  EXPECT_EQ(counters(), (Counters{{"vr10 master_heard", XV_URGENT_EVENTS_PER_S},
                                  {"vr10 master_limited", 1000 - XV_URGENT_EVENTS_PER_S}}));
  age_event_limit(router);
  EXPECT_EQ(events_of(Packet::v3().priority(101)), Texts{"advert master_heard"}) << "the next second";
}

TEST_F(Report, TheFirstOutrankingAdvertOfARolePassesAnyLimit) {
  const auto router = v3_router().in_role(XV_ROLE_MASTER);
  start(router, far_away());
  receive(Packet::v3().priority(101), 1000);
  (void)take_events();
  set_role(router, XV_ROLE_BACKUP, far_away(), 2);
  EXPECT_EQ(events_of(Packet::v3().priority(101)), Texts{}) << "a Backup has no need of it";
  set_role(router, XV_ROLE_MASTER, 0, 3);
  EXPECT_EQ(events_of(Packet::v3().priority(99), 10), Texts{}) << "nor does a losing advert pass";
  EXPECT_EQ(events_of(Packet::v3().priority(101), 1000), Texts{"advert master_heard"});
}

TEST_F(Report, SpoofedSourcesAreLimited) {
  start(v3_router(), far_away());
  for (std::uint8_t last = 20; last < 220; ++last)
    receive(Packet::v3().source({192, 168, 1, last}));
  EXPECT_EQ(take_events().size(), std::size_t{XV_ADVERT_EVENTS_PER_S});
  EXPECT_EQ(counters().at("vr10 event_limited"), 100u);
}

TEST_F(Report, AResignationReachesTheElectionThroughAFlood) {
  const auto router = v3_router();
  start(router, far_away());
  for (std::uint8_t last = 20; last < 220; ++last)
    receive(Packet::v3().source({192, 168, 1, last}));
  (void)take_events();
  EXPECT_EQ(events_of(Packet::v3().priority(0).source({192, 168, 1, 219})), Texts{"advert backup_skew"});
  EXPECT_EQ(live(router).unreported, 0u);
}

TEST_F(Report, ResignationsAreLimited) {
  start(v3_router(), far_away());
  for (std::uint8_t last = 20; last < 220; ++last) { // believed of the router heard last only
    receive(Packet::v3().source({192, 168, 1, last}));
    receive(Packet::v3().priority(0).source({192, 168, 1, last}));
  }
  EXPECT_EQ(take_events().size(), std::size_t{XV_URGENT_EVENTS_PER_S});
  EXPECT_EQ(counters().at("vr10 event_limited"), 400u - XV_URGENT_EVENTS_PER_S);
}

TEST_F(Report, AMixOfVersionsIsLimited) {
  start(v3_router().with_flags(XV_VR_V2_INTEROP | XV_VR_PREEMPT), far_away());
  for (int i = 0; i < 100; ++i) {
    receive(Packet::v3().source({192, 168, 1, 20}));
    receive(Packet::v2().vrid(10).source({192, 168, 1, 21}));
  }
  EXPECT_EQ(take_events().size(), std::size_t{XV_ADVERT_EVENTS_PER_S});
  EXPECT_EQ(counters().at("vr10 event_limited"), 100u);
}

// Resignations that follow each other at once make the timer expire as often.
TEST_F(KernelTimerReport, ExpiriesAreLimited) {
  const auto router = v3_router().with_priority(254).with_interval(1);
  start(router, far_away());
  auto busy = live(router);
  busy.limit_ns = now_ns();
  busy.limit_count = XV_ROUTER_EVENTS_PER_S - 1;
  ASSERT_EQ(plane().liveness().set(key_of(router), busy), 0);
  receive(Packet::v3().interval(1).priority(0));
  const auto first = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_LT(first.time_ns, busy.limit_ns + kSecond) << "this machine is too slow for the test";

  receive(Packet::v3().interval(1).priority(254)); // none is made later by a resignation
  receive(Packet::v3().interval(1).priority(0));
  const auto deadline = live(router).deadline_ns;
  const auto second = wait_for_event(XV_EVENT_MASTER_DOWN);
  EXPECT_EQ(second.deadline_ns, deadline) << "told later, but told";
  EXPECT_GE(second.time_ns, busy.limit_ns + kSecond);
  EXPECT_GE(counters().at("vr10 event_limited"), 3u) << "two adverts and the expiry";
}

TEST_F(Report, BadPacketsAreReportedOnceASecond) {
  start(v3_router(), far_away());
  EXPECT_EQ(events_of(Packet::v3().ttl(1), 50), Texts{"bad_packets ttl"});
  EXPECT_EQ(events_of(Packet::v3().wrong_checksum(), 50), Texts{}) << "of whatever reason";
  EXPECT_EQ(counters(), (Counters{{"vr10 ttl", 50}, {"vr10 checksum", 50}})) << "but all are counted";
  age_bad_packet_report();
  const auto before = now_ns();
  receive(Packet::v3().wrong_checksum().priority(7));
  const auto events = take_events();
  ASSERT_EQ(describe(events), Texts{"bad_packets checksum"});
  EXPECT_GE(events[0].time_ns, before);
  EXPECT_EQ(events[0].key.vrid, 10);
  EXPECT_EQ(events[0].priority, 7);
  EXPECT_EQ(IpAddress::from_bytes(Family::IPv4, events[0].source), IpAddress::v4(192, 168, 1, 11));
}

} // namespace
} // namespace xvrrp::test
