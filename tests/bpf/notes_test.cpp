// SPDX-License-Identifier: BSD-2-Clause
// What is remarkable about a valid advert: counted, told and remembered, and never a reason to drop it, but
// for RFC 3768's optional check of the addresses.
#include "bpf/cases.hpp"

namespace xvrrp::test {

const std::vector<Case>& note_cases() {
  static const Router strict = v2_router().with_flags(XV_VR_STRICT_ADDRESSES);
  static const std::vector<Case> cases{
      {.description = "v3, other addresses (R80)",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().addresses({{192, 168, 1, 99}}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_address_list},
       .events = {"advert backup_restart"}},
      {.description = "v3, one address more, that is zero: the count tells (R80)",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().addresses({{192, 168, 1, 13}, {0, 0, 0, 0}}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_address_list},
       .events = {"advert backup_restart"}},
      {.description = "over IPv6 too (R80)",
       .mode = XV_MODE_OWN,
       .router = six_router(),
       .frame = Packet::v3_six().addresses({v6("fe80::13"), v6("2001:db8::1")}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_address_list},
       .events = {"advert backup_restart"}},
      {.description = "v2, other addresses, without the optional check (R82)",
       .mode = XV_MODE_OWN,
       .router = v2_router(),
       .frame = Packet::v2().addresses({{192, 168, 1, 99}}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_address_list},
       .events = {"advert backup_restart"}},
      {.description = "with it: dropped (R82)",
       .mode = XV_MODE_OWN,
       .router = strict,
       .frame = Packet::v2().addresses({{192, 168, 1, 99}}),
       .verdict = "XDP_DROP",
       .reason = XV_strict_addresses,
       .counted = Counted::Router,
       .events = {"bad_packets strict_addresses"}},
      {.description = "with it, the owner of the addresses: accepted (R82)",
       .mode = XV_MODE_OWN,
       .router = strict,
       .frame = Packet::v2().addresses({{192, 168, 1, 99}}).priority(255),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_address_list},
       .events = {"advert backup_restart"}},
      {.description = "with it, priority 0 is no excuse (R82)",
       .mode = XV_MODE_OWN,
       .router = strict,
       .frame = Packet::v2().addresses({{192, 168, 1, 99}}).priority(0),
       .verdict = "XDP_DROP",
       .reason = XV_strict_addresses,
       .counted = Counted::Router,
       .events = {"bad_packets strict_addresses"}},
      {.description = "with it, our addresses: accepted (R82)",
       .mode = XV_MODE_OWN,
       .router = strict,
       .frame = Packet::v2(),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
      {.description = "in v3 the check is none (RFC 9568 7.1 never drops)",
       .mode = XV_MODE_OWN,
       .router = v3_router().with_flags(XV_VR_STRICT_ADDRESSES),
       .frame = Packet::v3().addresses({{192, 168, 1, 99}}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_address_list},
       .events = {"advert backup_restart"}},
      {.description = "bytes behind the addresses (R88)",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().trailing({1, 2, 3}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_trailing},
       .events = {"advert backup_restart"}},
      {.description = "and under the checksum (R88)",
       .mode = XV_MODE_OWN,
       .router = six_router(),
       .frame = Packet::v3_six().summed_trailing({1, 2, 3, 4, 5}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_trailing},
       .events = {"advert backup_restart"}},
      {.description = "the RFC 9568 form of the checksum (R72)",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().message_only_checksum(),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_checksum_message},
       .events = {"advert backup_restart"}},
      {.description = "another interval (R79), with the reserved bits set (R78)",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().interval(0xf065),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .notes = {XV_interval_differs},
       .events = {"advert backup_restart"}},
      {.description = "the reserved bits alone are nothing (R78)",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().interval(0xf064),
       .verdict = "XDP_DROP",
       .reason = XV_backup_restart,
       .counted = Counted::Router,
       .events = {"advert backup_restart"}},
      {.description = "everything at once",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().addresses(2).interval(50).priority(0).message_only_checksum().trailing({9}),
       .verdict = "XDP_DROP",
       .reason = XV_backup_skew,
       .counted = Counted::Router,
       .notes = {XV_address_list, XV_interval_differs, XV_priority_zero, XV_checksum_message, XV_trailing},
       .events = {"advert backup_skew"}},
      {.description = "a Master counts the same",
       .mode = XV_MODE_OWN,
       .router = v3_router().in_role(XV_ROLE_MASTER),
       .frame = Packet::v3().addresses(2).interval(50).trailing({9}),
       .verdict = "XDP_DROP",
       .reason = XV_master_heard,
       .counted = Counted::Router,
       .notes = {XV_address_list, XV_interval_differs, XV_trailing},
       .events = {"advert master_heard"}},
      {.description = "of another daemon's virtual router we know no addresses and no interval",
       .mode = XV_MODE_SHIELD,
       .router = listed_router(),
       .frame = Packet::v3().addresses(3).interval(7).trailing({9}),
       .verdict = "XDP_PASS",
       .reason = XV_observed,
       .counted = Counted::Router,
       .notes = {XV_trailing}},
  };
  return cases;
}

namespace {

class Notes : public CaseTest {};

TEST_F(Notes, Cases) {
  run(note_cases());
}

TEST_F(Notes, AreRememberedWithWhatWasHeard) {
  configure_interface(XV_MODE_OWN);
  start(v3_router(), now_ns() + kHour);
  receive(Packet::v3().addresses(2).message_only_checksum());
  EXPECT_EQ(live(v3_router()).heard.notes, XV_NOTE_ADDRESS_LIST | XV_NOTE_CHECKSUM_MESSAGE);
  receive(Packet::v3());
  EXPECT_EQ(live(v3_router()).heard.notes, 0);
  receive(Packet::v3().vrid(11).trailing({1}));
  const auto foreign = plane().heard().find(dataplane::vr_key(ifindex(), Family::IPv4, 11));
  ASSERT_TRUE(foreign);
  EXPECT_EQ(foreign->notes, XV_NOTE_TRAILING);
}

// A note is news once, not with every advert.
TEST_F(Notes, AreToldWhenTheyChange) {
  using Texts = std::vector<std::string>;
  configure_interface(XV_MODE_OWN);
  start(v3_router(), now_ns() + kHour);
  receive(Packet::v3(), 10);
  EXPECT_EQ(describe(take_events()).size(), 1u);
  receive(Packet::v3().trailing({1}), 10);
  auto events = take_events();
  ASSERT_EQ(describe(events), Texts{"advert backup_restart"});
  EXPECT_EQ(events[0].notes, XV_NOTE_TRAILING);
  receive(Packet::v3(), 10);
  events = take_events();
  ASSERT_EQ(describe(events), Texts{"advert backup_restart"});
  EXPECT_EQ(events[0].notes, 0);
}

// R80: the timer restarts as if the addresses were ours. Whatever their order is, they are.
TEST_F(Notes, OtherAddressesRestartTheTimer) {
  configure_interface(XV_MODE_OWN);
  auto router = v3_router();
  router.config.count = 3;
  router.config.list_sum = words_modulo_65535({192, 168, 1, 13, 192, 168, 1, 14, 10, 0, 0, 1});
  start(router, now_ns() + kHour);
  for (const auto& list : {std::vector<Packet::Address>{{10, 0, 0, 1}, {192, 168, 1, 14}, {192, 168, 1, 13}},
                           std::vector<Packet::Address>{{192, 168, 1, 13}}}) {
    receive(Packet::v3().addresses(list));
    const auto state = live(router);
    EXPECT_EQ(state.deadline_ns - state.heard.last_ns, master_down_ns(router, kSecond));
    EXPECT_EQ(state.heard.notes, list.size() == 3 ? 0 : XV_NOTE_ADDRESS_LIST);
  }
}

} // namespace
} // namespace xvrrp::test
