// SPDX-License-Identifier: BSD-2-Clause
// What every run of the simulator is held to.
#pragma once

#include <gtest/gtest.h>

#include "sim/report.hpp"

namespace xvrrp::sim {

inline void expect_sound(const RunReport& report, const RunOptions& options) {
  EXPECT_TRUE(report.verdict.clean()) << report.verdict.text() << "replay: " << replay_command(options);
  // Checkers that were never asked would be content with anything.
  EXPECT_EQ(report.groups_judged, report.groups_audited) << "a virtual router had no time to settle";
  EXPECT_GT(report.groups_judged, 0u);
}

} // namespace xvrrp::sim
