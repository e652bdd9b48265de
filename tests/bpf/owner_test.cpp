// SPDX-License-Identifier: BSD-2-Clause
// The owner of the addresses (priority 255): hears adverts as RFC 9568's erratum 8298 has it, or heeds none
// as the published text has it (owner_ignore_adverts; R61).
#include "bpf/cases.hpp"

namespace xvrrp::test {
namespace {

Router owner() {
  return v3_router().with_priority(255).in_role(XV_ROLE_MASTER);
}

Router deaf_owner() {
  return owner().with_flags(XV_VR_OWNER_IGNORES);
}

} // namespace

const std::vector<Case>& owner_cases() {
  static const std::vector<Case> cases{
      {.description = "another owner reaches the election",
       .mode = XV_MODE_OWN,
       .router = owner(),
       .frame = Packet::v3().priority(255),
       .verdict = "XDP_DROP",
       .reason = XV_master_heard,
       .counted = Counted::Router,
       .events = {"advert master_heard"}},
      {.description = "but not that of an owner which heeds none",
       .mode = XV_MODE_OWN,
       .router = deaf_owner(),
       .frame = Packet::v3().priority(255),
       .verdict = "XDP_DROP",
       .reason = XV_owner_ignores,
       .counted = Counted::Router,
       .events = {"bad_packets owner_ignores"}},
      {.description = "nor does one that resigns",
       .mode = XV_MODE_OWN,
       .router = deaf_owner(),
       .frame = Packet::v3().priority(0),
       .verdict = "XDP_DROP",
       .reason = XV_owner_ignores,
       .counted = Counted::Router,
       .events = {"bad_packets owner_ignores"}},
      {.description = "nor as Backup",
       .mode = XV_MODE_OWN,
       .router = deaf_owner().in_role(XV_ROLE_BACKUP),
       .frame = Packet::v3().priority(255),
       .verdict = "XDP_DROP",
       .reason = XV_owner_ignores,
       .counted = Counted::Router,
       .events = {"bad_packets owner_ignores"}},
      {.description = "v2, over the check of the authentication (RFC 3768 7.1 has the owner first)",
       .mode = XV_MODE_OWN,
       .router = v2_router().with_priority(255).with_flags(XV_VR_OWNER_IGNORES),
       .frame = Packet::v2().password("secret"),
       .verdict = "XDP_DROP",
       .reason = XV_owner_ignores,
       .counted = Counted::Router,
       .events = {"bad_packets owner_ignores"}},
      {.description = "a router that only backs the owner up hears all of it",
       .mode = XV_MODE_OWN,
       .router = v3_router().with_priority(254).with_flags(XV_VR_OWNER_IGNORES),
       .frame = Packet::v3().priority(255),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
      {.description = "what is wrong about a packet is said first",
       .mode = XV_MODE_OWN,
       .router = deaf_owner(),
       .frame = Packet::v2().vrid(10),
       .verdict = "XDP_DROP",
       .reason = XV_version,
       .counted = Counted::Router,
       .events = {"bad_packets version"}},
      {.description = "and our own packet is our own",
       .mode = XV_MODE_OWN,
       .router = deaf_owner(),
       .frame = Packet::v3().source({192, 168, 1, 12}),
       .verdict = "XDP_DROP",
       .reason = XV_own_source,
       .counted = Counted::Router,
       .events = {"bad_packets own_source"}},
  };
  return cases;
}

namespace {

class Owner : public CaseTest {};

TEST_F(Owner, Cases) {
  run(owner_cases());
}

// Priority 255 is given and taken away by a new configuration: the flag alone means nothing.
TEST_F(Owner, StopsIgnoringWithItsPriority) {
  configure_interface(XV_MODE_OWN);
  auto router = deaf_owner();
  start(router, now_ns() + kHour);
  receive(Packet::v3());
  ASSERT_EQ(plane().set_config(key_of(router), router.with_priority(200).config), 0);
  receive(Packet::v3());
  EXPECT_EQ(counters(), (Counters{{"vr10 owner_ignores", 1}, {"vr10 master_heard", 1}}));
}

} // namespace
} // namespace xvrrp::test
