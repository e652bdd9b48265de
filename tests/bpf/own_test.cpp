// SPDX-License-Identifier: BSD-2-Clause
// xvrrpd's own virtual routers: the checks that need their configuration, and what each role does with an
// advert.
#include "bpf/cases.hpp"

namespace xvrrp::test {

const std::vector<Case>& own_cases() {
  static const std::vector<Case> cases{
      {.description = "the guide's advert",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide(),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
      {.description = "v3 to a v2 virtual router",
       .mode = XV_MODE_OWN,
       .router = v2_router(),
       .frame = Packet::v3().vrid(150),
       .verdict = "XDP_DROP",
       .reason = XV_version,
       .counted = Counted::Router,
       .events = {"bad_packets version"}},
      {.description = "v2 to a v3 virtual router",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v2().vrid(10),
       .verdict = "XDP_DROP",
       .reason = XV_version,
       .counted = Counted::Router,
       .events = {"bad_packets version"}},
      {.description = "our own source address",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().source({192, 168, 1, 12}),
       .verdict = "XDP_DROP",
       .reason = XV_own_source,
       .counted = Counted::Router,
       .events = {"bad_packets own_source"}},
      {.description = "multicast to a unicast virtual router",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().destination({224, 0, 0, 18}),
       .verdict = "XDP_DROP",
       .reason = XV_destination,
       .counted = Counted::Router,
       .events = {"bad_packets destination"}},
      {.description = "unicast to a multicast virtual router",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().destination({192, 168, 1, 12}),
       .verdict = "XDP_DROP",
       .reason = XV_destination,
       .counted = Counted::Router,
       .events = {"bad_packets destination"}},
      {.description = "unicast to an address that is not ours, where nothing is forwarded",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().destination({192, 168, 1, 99}),
       .verdict = "XDP_DROP",
       .reason = XV_destination,
       .counted = Counted::Router,
       .events = {"bad_packets destination"}},
      {.description = "unicast from a stranger",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().source({192, 168, 1, 66}),
       .verdict = "XDP_DROP",
       .reason = XV_not_a_peer,
       .counted = Counted::Router,
       .events = {"bad_packets not_a_peer"}},
      {.description = "v2 with another interval",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().interval(2),
       .verdict = "XDP_DROP",
       .reason = XV_v2_interval,
       .counted = Counted::Router,
       .events = {"bad_packets v2_interval"}},
      {.description = "no authentication where PASS is configured",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().auth_type(0),
       .verdict = "XDP_DROP",
       .reason = XV_auth_type,
       .counted = Counted::Router,
       .events = {"bad_packets auth_type"}},
      {.description = "PASS where none is configured",
       .mode = XV_MODE_OWN,
       .router = v2_router(),
       .frame = Packet::v2().password("1212"),
       .verdict = "XDP_DROP",
       .reason = XV_auth_type,
       .counted = Counted::Router,
       .events = {"bad_packets auth_type"}},
      {.description = "authentication type AH",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().auth_type(2),
       .verdict = "XDP_DROP",
       .reason = XV_auth_type,
       .counted = Counted::Router,
       .events = {"bad_packets auth_type"}},
      {.description = "the wrong password",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().password("1213"),
       .verdict = "XDP_DROP",
       .reason = XV_auth_data,
       .counted = Counted::Router,
       .events = {"bad_packets auth_data"}},
      {.description = "a password that only begins right",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().password("1212abcd"),
       .verdict = "XDP_DROP",
       .reason = XV_auth_data,
       .counted = Counted::Router,
       .events = {"bad_packets auth_data"}},
      {.description = "without authentication, garbage in the field does not matter (RFC 3768 5.3.10)",
       .mode = XV_MODE_OWN,
       .router = v2_router(),
       .frame = Packet::v2().password("garbage").auth_type(0),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
  };
  return cases;
}

const std::vector<Case>& role_cases() {
  static const std::vector<Case> cases{
      {.description = "stopped: dropped, and no line in the log",
       .mode = XV_MODE_OWN,
       .router = v3_router().in_role(XV_ROLE_STOPPED),
       .frame = Packet::v3(),
       .verdict = "XDP_DROP",
       .reason = XV_stopped,
       .counted = Counted::Router},
      {.description = "Backup: higher priority",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().priority(200),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
      {.description = "Backup: equal priority, lower address: still the Master's (RFC 9568 6.4.2)",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().priority(100).source({192, 168, 1, 2}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
      {.description = "Backup: lower priority",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().priority(99),
       .verdict = "XDP_DROP",
       .reason = XV_backup_ignore,
       .counted = Counted::Router,
       .events = {"advert backup_ignore"}},
      {.description = "Backup without preemption: lower priority",
       .mode = XV_MODE_OWN,
       .router = v3_router().without_preempt(),
       .frame = Packet::v3().priority(99),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
      {.description = "Backup that owns the addresses: preempts whatever is configured (RFC 9568 6.1)",
       .mode = XV_MODE_OWN,
       .router = v3_router().with_priority(255).without_preempt(),
       .frame = Packet::v3().priority(254),
       .verdict = "XDP_DROP",
       .reason = XV_backup_ignore,
       .counted = Counted::Router,
       .events = {"advert backup_ignore"}},
      {.description = "Backup: priority 0",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().priority(0),
       .verdict = "XDP_DROP",
       .reason = XV_backup_skew,
       .counted = Counted::Router,
       .notes = {XV_priority_zero},
       .events = {"advert backup_skew"}},
      {.description = "Backup: another v3 interval is learned, and noted",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().interval(50),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_interval_differs},
       .events = {"advert backup_restart"}},
      {.description = "Backup: all three notes at once",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().priority(0).interval(50).message_only_checksum(),
       .verdict = "XDP_DROP",
       .reason = XV_backup_skew,
       .counted = Counted::Router,
       .notes = {XV_priority_zero, XV_interval_differs, XV_checksum_message},
       .events = {"advert backup_skew"}},
      {.description = "Master: outranked",
       .mode = XV_MODE_OWN,
       .router = v3_router().in_role(XV_ROLE_MASTER),
       .frame = Packet::v3().priority(101),
       .verdict = "XDP_DROP",
       .reason = XV_master_heard,
       .counted = Counted::Router,
       .events = {"advert master_heard"}},
      {.description = "Master: a losing advert is the election's business too",
       .mode = XV_MODE_OWN,
       .router = v3_router().in_role(XV_ROLE_MASTER),
       .frame = Packet::v3().priority(99),
       .verdict = "XDP_DROP",
       .reason = XV_master_heard,
       .counted = Counted::Router,
       .events = {"advert master_heard"}},
      {.description = "Master: priority 0",
       .mode = XV_MODE_OWN,
       .router = v3_router().in_role(XV_ROLE_MASTER),
       .frame = Packet::v3().priority(0),
       .verdict = "XDP_DROP",
       .reason = XV_master_heard,
       .counted = Counted::Router,
       .notes = {XV_priority_zero},
       .events = {"advert master_heard"}},
      {.description = "an interface that only observes lets even our own adverts pass",
       .mode = XV_MODE_OBSERVE,
       .router = v3_router(),
       .frame = Packet::v3(),
       .verdict = "XDP_PASS",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
  };
  return cases;
}

namespace {

class Own : public CaseTest {};

TEST_F(Own, Checks) {
  run(own_cases());
}

TEST_F(Own, Roles) {
  run(role_cases());
}

// Configured, but no role was ever given: as STOPPED.
TEST_F(Own, RouterWithoutARole) {
  configure_interface(XV_MODE_OWN);
  configure(v3_router());
  EXPECT_EQ(receive(Packet::v3()), "XDP_DROP");
  EXPECT_EQ(counters(), (Counters{{"vr10 stopped", 1}}));
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{});
}

TEST_F(Own, RemovedRouterIsUnknown) {
  configure_interface(XV_MODE_OWN);
  start(guide_router(), now_ns() + kHour);
  plane().remove_router(key_of(guide_router()));
  EXPECT_EQ(receive(Packet::guide()), "XDP_DROP");
  EXPECT_EQ(counters(), (Counters{{"if unknown_vrid", 1}}));
  EXPECT_FALSE(plane().liveness().find(key_of(guide_router())));
}

// A peer of VRID 150 is nobody to VRID 151.
TEST_F(Own, PeersBelongToOneRouter) {
  configure_interface(XV_MODE_OWN);
  auto other = guide_router();
  other.vrid = 151;
  other.peers = {IpAddress::v4(192, 168, 1, 77)};
  start(guide_router(), now_ns() + kHour);
  start(other, now_ns() + kHour);
  receive(Packet::guide().vrid(151));
  EXPECT_EQ(counters(), (Counters{{"vr151 not_a_peer", 1}}));
}

} // namespace
} // namespace xvrrp::test
