// SPDX-License-Identifier: BSD-2-Clause
#include "bpf/cases.hpp"

#include "dataplane/reasons.hpp"

namespace xvrrp::test {
namespace {

std::string owner(const Case& test_case) {
  const auto router = test_case.router.value_or(Router{});
  std::string text = test_case.counted == Counted::Interface
                         ? "if"
                         : (router.family == Family::IPv6 ? "six" : "vr") + std::to_string(router.vrid);
  for (const auto tag : {test_case.vlan, test_case.inner_vlan}) {
    if (tag != 0)
      text += "." + std::to_string(tag);
  }
  return text;
}

Counters expected_counters(const Case& test_case) {
  Counters counters;
  if (test_case.counted == Counted::Nowhere)
    return counters;
  counters[owner(test_case) + " " + dataplane::reason_name(test_case.reason)] = 1;
  for (const auto note : test_case.notes)
    counters[owner(test_case) + " " + dataplane::reason_name(note)] = 1;
  return counters;
}

} // namespace

void CaseTest::run(const std::vector<Case>& cases) {
  for (const auto& test_case : cases) {
    SCOPED_TRACE(test_case.description);
    run(test_case);
    if (HasFatalFailure())
      return;
  }
}

void CaseTest::run(const Case& test_case) {
  forget_everything();
  if (test_case.mode)
    configure_interface(*test_case.mode, test_case.flags, test_case.vlan, test_case.inner_vlan);
  if (test_case.router)
    start(*test_case.router, now_ns() + kHour);
  ASSERT_FALSE(HasFatalFailure());
  (void)take_events();
  const auto before = counters();

  EXPECT_EQ(receive(test_case.frame), test_case.verdict);
  EXPECT_EQ(moved(before, counters()), expected_counters(test_case));
  EXPECT_EQ(describe(take_events()), test_case.events);
}

} // namespace xvrrp::test
