// SPDX-License-Identifier: BSD-2-Clause
// Pauses between announcements, for switches and hosts that drop what comes in bursts: vrrp_garp_interval,
// vrrp_gna_interval and garp_group.
#pragma once

#include <string>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/keyword.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// Between two gratuitous ARPs, and between two unsolicited Neighbor Advertisements; zero: none.
struct AnnouncementSpacing {
  Nanoseconds arp{};
  Nanoseconds na{};
};

struct GarpGroupDraft {
  Diagnostics& diagnostics;
  Given given{};
  AnnouncementSpacing spacing{};
  std::vector<Token> interfaces{};
};

/// Seconds with a fraction.
void read_spacing(Diagnostics& diagnostics, const Statement& statement, Nanoseconds& value);

GarpGroupDraft read_garp_group(Diagnostics& diagnostics, const Statement& block);

/// Gives the addresses of the instances their pace: that of the garp_group of their interface, or the global
/// one.
void finish_paces(const std::vector<GarpGroupDraft>& groups, const AnnouncementSpacing& otherwise,
                  std::vector<Instance>& instances);

} // namespace xvrrp::config
