// SPDX-License-Identifier: BSD-2-Clause
// Unicast VRRP between two other hosts, through this one: the routing table says whose it is.
#include "bpf/cases.hpp"
#include "bpf/sandbox.hpp"

namespace xvrrp::test {

const std::vector<Case>& transit_cases() {
  static const std::vector<Case> cases{
      {.description = "own: a packet that this host forwards passes",
       .mode = XV_MODE_OWN,
       .frame = Packet::guide().destination({10, 9, 0, 5}),
       .verdict = "XDP_PASS",
       .reason = XV_transit,
       .counted = Counted::Interface},
      {.description = "own: also when its VRID is one of ours",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().destination({10, 9, 0, 5}),
       .verdict = "XDP_PASS",
       .reason = XV_transit,
       .counted = Counted::Router},
      {.description = "own: also when its TTL says that it came from afar",
       .mode = XV_MODE_OWN,
       .frame = Packet::guide().ttl(60).destination({10, 9, 0, 5}),
       .verdict = "XDP_PASS",
       .reason = XV_transit,
       .counted = Counted::Interface},
      {.description = "shield: the same",
       .mode = XV_MODE_SHIELD,
       .frame = Packet::guide().destination({10, 9, 0, 5}),
       .verdict = "XDP_PASS",
       .reason = XV_transit,
       .counted = Counted::Interface},
      {.description = "addressed to ourselves: ours to judge",
       .mode = XV_MODE_OWN,
       .frame = Packet::guide(),
       .verdict = "XDP_DROP",
       .reason = XV_unknown_vrid,
       .counted = Counted::Interface},
      {.description = "addressed to ourselves with a low TTL: dropped",
       .mode = XV_MODE_OWN,
       .router = guide_router(),
       .frame = Packet::guide().ttl(60),
       .verdict = "XDP_DROP",
       .reason = XV_ttl,
       .counted = Counted::Router,
       .events = {"bad_packets ttl"}},
      {.description = "to where there is no route: dropped",
       .mode = XV_MODE_OWN,
       .frame = Packet::guide().destination({203, 0, 113, 1}),
       .verdict = "XDP_DROP",
       .reason = XV_unknown_vrid,
       .counted = Counted::Interface},
      {.description = "a multicast group is never forwarded",
       .mode = XV_MODE_OWN,
       .frame = Packet::v3().ttl(60),
       .verdict = "XDP_DROP",
       .reason = XV_ttl,
       .counted = Counted::Interface,
       .events = {"bad_packets ttl"}},
  };
  return cases;
}

namespace {

class Transit : public CaseTest {
protected:
  void TearDown() override {
    set_forwarding(false);
    CaseTest::TearDown();
  }
};

TEST_F(Transit, Cases) {
  set_forwarding(true);
  run(transit_cases());
}

TEST_F(Transit, NothingIsWhereForwardingIsOff) {
  set_forwarding(false);
  configure_interface(XV_MODE_OWN);
  EXPECT_EQ(receive(Packet::guide().destination({10, 9, 0, 5})), "XDP_DROP");
  EXPECT_EQ(counters(), (Counters{{"if unknown_vrid", 1}}));
}

TEST_F(Transit, WhatOnlyPassesThroughIsNotHeard) {
  set_forwarding(true);
  configure_interface(XV_MODE_OWN);
  receive(Packet::guide().destination({10, 9, 0, 5}));
  EXPECT_TRUE(plane().heard().keys().empty());
}

} // namespace
} // namespace xvrrp::test
