// SPDX-License-Identifier: BSD-2-Clause
// What needs no configuration: the parser inside the program, packet by packet.
#include "bpf/cases.hpp"
#include "dataplane/reasons.hpp"

namespace xvrrp::test {

const std::vector<Case>& receive_cases() {
  static const std::vector<Case> cases{
      {.description = "a UDP packet moves nothing, on an interface of ours either",
       .mode = XV_MODE_OWN,
       .frame = Packet::v3().protocol(17),
       .verdict = "XDP_PASS",
       .reason = XV_not_vrrp},
      {.description = "ARP moves nothing",
       .mode = XV_MODE_OWN,
       .frame = scapy_frame("not_vrrp_arp"),
       .verdict = "XDP_PASS",
       .reason = XV_not_vrrp},
      {.description = "the smallest frame there is",
       .mode = XV_MODE_OWN,
       .frame = Bytes(14),
       .verdict = "XDP_PASS",
       .reason = XV_not_vrrp},
      {.description = "a first fragment belongs to the stack",
       .mode = XV_MODE_OWN,
       .frame = Packet::v3().fragment(0x2000),
       .verdict = "XDP_PASS",
       .reason = XV_fragment,
       .counted = Counted::Interface},
      {.description = "and so does a later one",
       .mode = XV_MODE_SHIELD,
       .frame = Packet::v3().fragment(0x0010),
       .verdict = "XDP_PASS",
       .reason = XV_fragment,
       .counted = Counted::Interface},
      {.description = "Don't Fragment is no fragment",
       .mode = XV_MODE_OBSERVE,
       .frame = Packet::v3().fragment(0x4000),
       .verdict = "XDP_PASS",
       .reason = XV_observed,
       .counted = Counted::Interface},
      {.description = "a frame that ends inside the message",
       .mode = XV_MODE_OWN,
       .frame = Packet::v3().cut(3),
       .verdict = "XDP_DROP",
       .reason = XV_truncated,
       .counted = Counted::Interface,
       .events = {"bad_packets truncated"}},
      {.description = "a wrong IP checksum",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().wrong_ip_checksum(),
       .verdict = "XDP_DROP",
       .reason = XV_ip_checksum,
       .counted = Counted::Interface, // the VRID was not read yet
       .events = {"bad_packets ip_checksum"}},
      {.description = "TTL 254, for a virtual router of ours",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().ttl(254),
       .verdict = "XDP_DROP",
       .reason = XV_ttl,
       .counted = Counted::Router,
       .events = {"bad_packets ttl"}},
      {.description = "TTL 254, for another one",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().vrid(11).ttl(254),
       .verdict = "XDP_DROP",
       .reason = XV_ttl,
       .counted = Counted::Interface,
       .events = {"bad_packets ttl"}},
      {.description = "VRRP version 4",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().version(4),
       .verdict = "XDP_DROP",
       .reason = XV_version,
       .counted = Counted::Router,
       .events = {"bad_packets version"}},
      {.description = "VRRP type 2",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().type(2),
       .verdict = "XDP_DROP",
       .reason = XV_type,
       .counted = Counted::Router,
       .events = {"bad_packets type"}},
      {.description = "more addresses claimed than sent",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().claimed_addresses(5),
       .verdict = "XDP_DROP",
       .reason = XV_length,
       .counted = Counted::Router,
       .events = {"bad_packets length"}},
      {.description = "more IPv6 addresses than a packet holds",
       .mode = XV_MODE_OWN,
       .frame = scapy_frame("ipv6_100_addresses"),
       .verdict = "XDP_DROP",
       .reason = XV_too_long,
       .counted = Counted::Interface,
       .events = {"bad_packets too_long"}},
      {.description = "a wrong checksum, v3",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().wrong_checksum(),
       .verdict = "XDP_DROP",
       .reason = XV_checksum,
       .counted = Counted::Router,
       .events = {"bad_packets checksum"}},
      {.description = "a wrong checksum, v2",
       .mode = XV_MODE_OWN,
       .router = v2_router(),
       .frame = Packet::v2().wrong_checksum(),
       .verdict = "XDP_DROP",
       .reason = XV_checksum,
       .counted = Counted::Router,
       .events = {"bad_packets checksum"}},
      {.description = "an advert of no address",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().addresses(0),
       .verdict = "XDP_DROP",
       .reason = XV_no_addresses,
       .counted = Counted::Router,
       .events = {"bad_packets no_addresses"}},
      {.description = "an interval of zero",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().interval(0),
       .verdict = "XDP_DROP",
       .reason = XV_zero_interval,
       .counted = Counted::Router,
       .events = {"bad_packets zero_interval"}},
      {.description = "an IPv6 advert whose first address is global",
       .mode = XV_MODE_OWN,
       .frame = scapy_frame("ipv6_first_global"),
       .verdict = "XDP_DROP",
       .reason = XV_not_link_local,
       .counted = Counted::Interface,
       .events = {"bad_packets not_link_local"}},
      {.description = "a multicast source",
       .mode = XV_MODE_OWN,
       .router = v3_router(),
       .frame = Packet::v3().source({224, 0, 0, 5}),
       .verdict = "XDP_DROP",
       .reason = XV_source,
       .counted = Counted::Router,
       .events = {"bad_packets source"}},
  };
  return cases;
}

namespace {

class Receive : public CaseTest {};

TEST_F(Receive, Cases) {
  run(receive_cases());
}

// BPF and host compile the same parser: both must say what scapy's author of the packet meant.
TEST_F(Receive, ScapyVectors) {
  configure_interface(XV_MODE_OBSERVE);
  configure_interface(XV_MODE_OBSERVE, 0, 42);
  configure_interface(XV_MODE_OBSERVE, 0, 7, 42);
  for (const auto& vector : load_vectors("scapy.txt")) {
    SCOPED_TRACE(vector.name);
    const auto before = counters();
    EXPECT_EQ(receive(vector.frame), "XDP_PASS");

    const auto host = parse_on_host(vector.frame);
    EXPECT_EQ(dataplane::reason_name(host.reason), vector.reason);
    Counters expected;
    if (vector.reason != "not_vrrp") {
      std::string owner = "if";
      for (const auto id : {host.advert.vlan, host.advert.inner_vlan})
        owner += id != 0 ? "." + std::to_string(id) : "";
      owner += " ";
      expected[owner + vector.reason] = 1;
      if (host.reason == XV_observed && (host.advert.notes & XV_NOTE_CHECKSUM_MESSAGE))
        expected[owner + "checksum_message"] = 1;
      if (host.reason == XV_observed && (host.advert.notes & XV_NOTE_TRAILING))
        expected[owner + "trailing"] = 1;
    }
    EXPECT_EQ(moved(before, counters()), expected);
  }
  EXPECT_EQ(describe(take_events()), std::vector<std::string>{}) << "observing wakes nobody";
}

// What it takes from the host's advert to the map: VRID, version, priority, interval, source.
TEST_F(Receive, WhatIsHeardIsRemembered) {
  configure_interface(XV_MODE_OBSERVE);
  const auto key = dataplane::vr_key(ifindex(), Family::IPv4, 10);
  EXPECT_FALSE(plane().heard().find(key));

  const auto before = now_ns();
  receive(Packet::v3().priority(77).interval(4095));
  auto heard = plane().heard().find(key);
  ASSERT_TRUE(heard);
  EXPECT_GE(heard->last_ns, before);
  EXPECT_LE(heard->last_ns, now_ns());
  EXPECT_EQ(heard->adverts, 1u);
  EXPECT_EQ(heard->changes, 0u);
  EXPECT_EQ(heard->gap_ns, 0u);
  EXPECT_EQ(heard->interval_wire, 4095);
  EXPECT_EQ(heard->version, 3);
  EXPECT_EQ(heard->priority, 77);
  EXPECT_EQ(IpAddress::from_bytes(Family::IPv4, heard->master), IpAddress::v4(192, 168, 1, 11));

  const auto first_ns = heard->last_ns;
  receive(Packet::v3().interval(4095));
  heard = plane().heard().find(key);
  EXPECT_EQ(heard->gap_ns, heard->last_ns - first_ns);
  EXPECT_EQ(heard->gap_max_ns, heard->gap_ns);
  EXPECT_EQ(heard->jitter_ns, (40'950 * kMillisecond - heard->gap_ns) / 16) << "|gap - interval| / 16";

  receive(Packet::v3().source({192, 168, 1, 10}));
  heard = plane().heard().find(key);
  EXPECT_EQ(heard->adverts, 3u);
  EXPECT_EQ(heard->changes, 1u);
  EXPECT_EQ(heard->gap_max_ns, 0u) << "another Master's regularity starts anew";
  EXPECT_EQ(IpAddress::from_bytes(Family::IPv4, heard->master), IpAddress::v4(192, 168, 1, 10));
}

} // namespace
} // namespace xvrrp::test
