// SPDX-License-Identifier: BSD-2-Clause
// What every run of the simulator is held to.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>

#include <gtest/gtest.h>

#include "sim/data_plane.hpp"
#include "sim/report.hpp"

namespace xvrrp::sim {

/// What GoogleTest takes for the name of a test.
inline std::string test_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return text;
}

inline std::string plane_name(const testing::TestParamInfo<PlaneKind>& info) {
  return test_name(name(info.param));
}

inline void expect_sound(const RunReport& report, const RunOptions& options) {
  EXPECT_TRUE(report.verdict.clean()) << report.verdict.text() << "replay: " << replay_command(options);
  // Checkers that were never asked would be content with anything.
  EXPECT_EQ(report.groups_judged, report.groups_audited) << "a virtual router had no time to settle";
  EXPECT_GT(report.groups_judged, 0u);
}

} // namespace xvrrp::sim
