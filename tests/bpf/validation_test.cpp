// SPDX-License-Identifier: BSD-2-Clause
// The rows R66 to R92 of the requirements, on a Backup and on a Master: what must be ignored moves one
// counter by exactly the number injected, and nothing else; what must be accepted restarts the timer.
#include <cstring>
#include <random>

#include "bpf/bpf_test.hpp"
#include "bpf/sandbox.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

constexpr std::uint32_t kTimes = 7;

struct Row {
  std::string what;
  Router router;
  Packet packet;
  const char* counter; ///< of Counters
  const char* verdict = "XDP_DROP";
  std::vector<const char*> notes{};
};

/// Adverts that would take the Master's place if they were believed.
Packet three() {
  return Packet::v3().priority(255);
}
Packet two() {
  return Packet::v2().priority(255);
}
Packet six() {
  return Packet::v3_six().priority(255);
}

std::vector<Row> ignored_rows() {
  const auto strict = v2_router().with_flags(XV_VR_STRICT_ADDRESSES);
  std::vector<Row> rows{
      {"R67: hop limit 254", six_router(), six().ttl(254), "six10 ttl"},
      {"R68: v2 to a v3 virtual router", v3_router(), two().vrid(10), "vr10 version"},
      {"R68: v3 to a v2 virtual router", v2_router(), three().vrid(150), "vr150 version"},
      {"R68: v2 over IPv6", six_router(), six().version(2), "six10 version"},
      {"R70: count 3 with 2 addresses", v3_router(), three().addresses(2).claimed_addresses(3),
       "vr10 length"},
      {"R70: count 3 with 2 addresses, IPv6", six_router(), six().addresses(2).claimed_addresses(3),
       "six10 length"},
      {"R70: v2 without its authentication data", v2_router(), two().payload_bytes(12), "vr150 length"},
      {"R70: a frame cut short", v3_router(), three().cut(1), "vr10 truncated"},
      {"R70: a frame cut short of its trailer", v3_router(), three().trailing({1, 2}).cut(1),
       "vr10 truncated"},
      {"R72: v3 over IPv6 with a checksum of the message alone", six_router(), six().message_only_checksum(),
       "six10 checksum"},
      {"R72: v2 with a pseudo-header in its checksum", v2_router(), two().pseudo_header_checksum(),
       "vr150 checksum"},
      {"R73: another VRID", v3_router(), three().vrid(11), "if unknown_vrid"},
      {"R74, R91: another VLAN", v3_router(), three().vlan(42), "if.42 unknown_vrid"},
      {"R74, R91: no VLAN", v3_router().on_vlan(42), three(), "if unknown_vrid"},
      {"R75: count 0", v3_router(), three().addresses(0), "vr10 no_addresses"},
      {"R75: count 0, v2", v2_router(), two().addresses(0), "vr150 no_addresses"},
      {"R75: count 0, IPv6", six_router(), six().addresses(0), "six10 no_addresses"},
      {"R76: interval 0", v3_router(), three().interval(0), "vr10 zero_interval"},
      {"R76: interval 0 under reserved bits", v3_router(), three().interval(0xf000), "vr10 zero_interval"},
      {"R76: interval 0, IPv6", six_router(), six().interval(0), "six10 zero_interval"},
      {"R76: interval 0, v2 to a router that hears both", v3_router().with_flags(XV_VR_V2_INTEROP),
       two().vrid(10).interval(0), "vr10 zero_interval"},
      {"R77: first IPv6 address global", six_router(), six().addresses({v6("2001:db8::1"), v6("fe80::13")}),
       "six10 not_link_local"},
      {"R81: another v2 interval", v2_router(), two().interval(2), "vr150 v2_interval"},
      {"R81: v2 interval 0", v2_router(), two().interval(0), "vr150 v2_interval"},
      {"R82: other v2 addresses where they are checked", strict, two().priority(254).addresses(2),
       "vr150 strict_addresses"},
      {"R83: a wrong password", guide_router(), Packet::guide().priority(255).password("1213"),
       "vr150 auth_data"},
      {"R87: a first fragment", v3_router(), three().fragment(0x2000), "if fragment", "XDP_PASS"},
      {"R87: a later fragment", v3_router(), three().fragment(0x0001), "if fragment", "XDP_PASS"},
      {"R89: unicast to a multicast virtual router", v3_router(), three().destination({192, 168, 1, 12}),
       "vr10 destination"},
      {"R89: multicast to a unicast one", guide_router(), Packet::guide().destination({224, 0, 0, 18}),
       "vr150 destination"},
      {"R90: a global IPv6 source", six_router(), six().source(v6("2001:db8::11")), "six10 source"},
      {"R92: IPv6 to the IPv4 router of that VRID", v3_router(), six(), "if unknown_vrid"},
      {"R92: IPv4 to the IPv6 router of that VRID", six_router(), three(), "if unknown_vrid"},
      {"section 3: source 0.0.0.0", v3_router(), three().source({0, 0, 0, 0}), "vr10 source"},
      {"section 3: source multicast", v3_router(), three().source({224, 0, 0, 18}), "vr10 source"},
      {"section 3: our own source", v3_router(), three().source({192, 168, 1, 12}), "vr10 own_source"},
      {"section 3: our own source, IPv6", six_router(), six().source(v6("fe80::12")), "six10 own_source"},
      {"section 3: not a peer", guide_router(), Packet::guide().source({192, 168, 1, 66}),
       "vr150 not_a_peer"},
      {"IP header checksum", v3_router(), three().wrong_ip_checksum(), "if ip_checksum"},
  };
  for (const int ttl : {254, 1, 64, 0})
    rows.push_back({"R66: TTL " + std::to_string(ttl), v3_router(),
                    three().ttl(static_cast<std::uint8_t>(ttl)), "vr10 ttl"});
  for (const int version : {0, 1, 4, 15})
    rows.push_back({"R68: version " + std::to_string(version), v3_router(),
                    three().version(static_cast<std::uint8_t>(version)), "vr10 version"});
  for (const int type : {0, 2, 15})
    rows.push_back({"R69: type " + std::to_string(type), v3_router(),
                    three().type(static_cast<std::uint8_t>(type)), "vr10 type"});
  for (const int bytes : {0, 4, 7})
    rows.push_back({"R70: payload of " + std::to_string(bytes) + " bytes", v3_router(),
                    three().payload_bytes(static_cast<std::size_t>(bytes)), "if length"});
  for (const int type : {1, 2, 7})
    rows.push_back({"R83: authentication type " + std::to_string(type), v2_router(),
                    two().auth_type(static_cast<std::uint8_t>(type)), "vr150 auth_type"});
  for (unsigned bit = 0; bit < 16; ++bit) {
    const auto flipped = static_cast<std::uint16_t>(1u << bit);
    const auto what = "R71: checksum bit " + std::to_string(bit);
    rows.push_back({what + ", v2", v2_router(), two().flip_checksum(flipped), "vr150 checksum"});
    rows.push_back({what + ", v3", v3_router(), three().flip_checksum(flipped), "vr10 checksum"});
    rows.push_back({what + ", IPv6", six_router(), six().flip_checksum(flipped), "six10 checksum"});
  }
  return rows;
}

std::vector<Row> accepted_rows() {
  return {
      {"R72: v3/IPv4 with the pseudo-header", v3_router(), three(), "vr10 backup_restart"},
      {"R72: v3/IPv4 without it",
       v3_router(),
       three().message_only_checksum(),
       "vr10 backup_restart",
       "XDP_DROP",
       {"checksum_message"}},
      {"R78: reserved bits", v3_router(), three().interval(0xf064), "vr10 backup_restart"},
      {"R79: another v3 interval",
       v3_router(),
       three().interval(37),
       "vr10 backup_restart",
       "XDP_DROP",
       {"interval_differs"}},
      {"R80: other addresses",
       v3_router(),
       three().addresses(2),
       "vr10 backup_restart",
       "XDP_DROP",
       {"address_list"}},
      {"R80: other addresses, IPv6",
       six_router(),
       six().addresses(2),
       "six10 backup_restart",
       "XDP_DROP",
       {"address_list"}},
      {"R82: other v2 addresses",
       v2_router(),
       two().addresses(2),
       "vr150 backup_restart",
       "XDP_DROP",
       {"address_list"}},
      {"R82: the owner's other v2 addresses where they are checked",
       v2_router().with_flags(XV_VR_STRICT_ADDRESSES),
       two().addresses(2),
       "vr150 backup_restart",
       "XDP_DROP",
       {"address_list"}},
      {"R84: authentication data without a type", v2_router(), two().password("garbage").auth_type(0),
       "vr150 backup_restart"},
      {"R85: padding", v3_router(), three().padding(14), "vr10 backup_restart"},
      {"R86: an IP option", v3_router(), three().ip_options({1, 1, 1, 1}), "vr10 backup_restart"},
      {"R86: all the IP options there can be", v2_router(), two().ip_options(Bytes(40, 1)),
       "vr150 backup_restart"},
      {"R88: bytes behind the addresses",
       v3_router(),
       three().trailing({1, 2, 3, 4, 5}),
       "vr10 backup_restart",
       "XDP_DROP",
       {"trailing"}},
      {"R88: and under the checksum",
       v3_router(),
       three().summed_trailing({1, 2, 3, 4, 5}),
       "vr10 backup_restart",
       "XDP_DROP",
       {"trailing"}},
      {"R91: on its VLAN", v3_router().on_vlan(42), three().vlan(42), "vr10.42 backup_restart"},
      {"802.1Q 6.9: a priority tag is no VLAN", v3_router(), three().vlan(0), "vr10 backup_restart"},
      {"802.1Q 6.9: a priority tag outside its VLAN", v3_router().on_vlan(42), three().vlan(0).vlan(42),
       "vr10.42 backup_restart"},
      {"802.1Q 6.9: a priority tag inside its VLAN", v3_router().on_vlan(42), three().vlan(42).vlan(0),
       "vr10.42 backup_restart"},
  };
}

class Validation : public BpfTest {
protected:
  void prepare(const Router& router, xv_role role) {
    forget_everything();
    configure_interface(XV_MODE_OWN);
    configure_interface(XV_MODE_OWN, 0, 42);
    auto in_role = router;
    start(in_role.in_role(role), now_ns() + kHour);
    (void)take_events();
  }
  bool is_untouched(const Router& router, const xv_vr_live& before) const {
    const auto after = live(router);
    return std::memcmp(&after, &before, sizeof(after)) == 0;
  }
};

TEST_F(Validation, WhatMustBeIgnoredMovesItsCounterAndNothingElse) {
  for (const auto& row : ignored_rows()) {
    for (const auto role : {XV_ROLE_BACKUP, XV_ROLE_MASTER}) {
      SCOPED_TRACE(row.what + (role == XV_ROLE_BACKUP ? ", Backup" : ", Master"));
      prepare(row.router, role);
      ASSERT_FALSE(HasFatalFailure());
      const auto before = live(row.router);
      EXPECT_EQ(receive(row.packet, kTimes), row.verdict);
      EXPECT_EQ(counters(), (Counters{{row.counter, kTimes}}));
      EXPECT_TRUE(is_untouched(row.router, before)) << "deadline, role, interval, what was heard";
      for (const auto& event : take_events())
        EXPECT_EQ(event.type, static_cast<__u32>(XV_EVENT_BAD_PACKETS)) << describe(event);
    }
  }
}

TEST_F(Validation, WhatMustBeAcceptedRestartsTheTimer) {
  for (const auto& row : accepted_rows()) {
    SCOPED_TRACE(row.what);
    prepare(row.router, XV_ROLE_BACKUP);
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_EQ(receive(row.packet, kTimes), row.verdict);
    Counters expected{{row.counter, kTimes}};
    const std::string counter = row.counter;
    for (const std::string note : row.notes)
      expected[counter.substr(0, counter.find(' ') + 1) + note] = kTimes;
    EXPECT_EQ(counters(), expected);
    const auto state = live(row.router);
    EXPECT_EQ(state.heard.adverts, kTimes);
    EXPECT_EQ(state.deadline_ns, state.heard.last_ns + master_down_ns(row.router, state.interval_ns));
    EXPECT_EQ(describe(take_events()), std::vector<std::string>{"advert backup_restart"}) << "told once";
  }
}

// R74: the same VRID on another interface is another virtual router.
TEST_F(Validation, AnotherInterfaceIsAnotherRouter) {
  configure_interface(XV_MODE_OWN);
  const auto elsewhere = dataplane::vr_key(ifindex_of(kFar), Family::IPv4, 10);
  ASSERT_TRUE(plane().create_router(elsewhere, v3_router().config));
  const auto before = plane().liveness().find(elsewhere).value();
  receive(three(), kTimes);
  EXPECT_EQ(counters(), (Counters{{"if unknown_vrid", kTimes}}));
  const auto after = plane().liveness().find(elsewhere).value();
  EXPECT_EQ(std::memcmp(&after, &before, sizeof(after)), 0);
}

// R93: 10,000 bad packets are one event a second, whatever is wrong with them; each is counted.
TEST_F(Validation, AFloodOfBadPacketsIsOneEvent) {
  prepare(v3_router(), XV_ROLE_BACKUP);
  const auto before = live(v3_router());
  receive(three().ttl(1), 2500);
  receive(three().wrong_checksum(), 2500);
  receive(three().source({0, 0, 0, 0}), 2500);
  receive(three().wrong_ip_checksum(), 2500);
  EXPECT_EQ(
      counters(),
      (Counters{
          {"vr10 ttl", 2500}, {"vr10 checksum", 2500}, {"vr10 source", 2500}, {"if ip_checksum", 2500}}));
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{"bad_packets ttl"});
  EXPECT_TRUE(is_untouched(v3_router(), before));
}

// R94: random VRRP payloads change nothing. One in some million is valid by chance: those are left out.
TEST_F(Validation, RandomPayloadsChangeNothing) {
  prepare(v3_router(), XV_ROLE_BACKUP);
  const auto before = live(v3_router());
  std::mt19937 random{94};
  std::uint64_t sent = 0;
  for (int i = 0; i < 30'000; ++i) {
    auto frame = three().addresses(static_cast<std::uint8_t>(random() % 4)).frame();
    for (std::size_t at = 34; at < frame.size(); ++at)
      frame[at] = static_cast<std::uint8_t>(random());
    frame[35] = 10;
    if (random() % 2 == 0)
      frame[34] = 0x31;
    if (parse_on_host(frame).reason == XV_observed)
      continue;
    ASSERT_EQ(receive(frame), "XDP_DROP");
    ++sent;
  }
  std::uint64_t counted = 0;
  for (const auto& [name, value] : counters())
    counted += value;
  EXPECT_EQ(counted, sent);
  EXPECT_TRUE(is_untouched(v3_router(), before));
}

} // namespace
} // namespace xvrrp::test
