// SPDX-License-Identifier: BSD-2-Clause
// No reason without a fixture.
#include <set>

#include "bpf/cases.hpp"
#include "dataplane/reasons.hpp"

namespace xvrrp::test {
namespace {

TEST(Coverage, EveryReasonIsReachedByACase) {
  std::set<std::string> reached;
  for (const auto* cases : {&receive_cases(), &shield_observe_cases(), &own_cases(), &role_cases(),
                            &transit_cases(), &note_cases(), &owner_cases()}) {
    for (const auto& test_case : *cases) {
      reached.insert(dataplane::reason_name(test_case.reason));
      for (const auto note : test_case.notes)
        reached.insert(dataplane::reason_name(note));
    }
  }
  // No single packet reaches these.
  const std::set<std::string> elsewhere{
      "master_limited", // takes 101 adverts in a second: report_test.cpp
      "event_limited",  // the same
      "event_lost",     // takes a full ring: ring_test.cpp
      "lease_expired",  // takes a lease: guard_test.cpp, as do the kinds of packets that a guard drops
      "fenced",         "fenced_neighbour", "not_master", "not_accepted",
      "v2_shadowed",    // takes an advert of v3 before it: interop_test.cpp
      "pace_differs",   // takes many adverts: pace_test.cpp
      "other_resigned", // takes an advert before it: patience_test.cpp
      "claimed",        // is no VRRP: claims_test.cpp
  };
  std::set<std::string> missing;
  for (const auto& reason : dataplane::reasons()) {
    if (reached.count(reason.name) + elsewhere.count(reason.name) == 0)
      missing.insert(reason.name);
  }
  EXPECT_EQ(missing, std::set<std::string>{});
}

} // namespace
} // namespace xvrrp::test
