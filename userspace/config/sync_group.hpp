// SPDX-License-Identifier: BSD-2-Clause
// vrrp_sync_group: in two steps as vrrp_instance is.
#pragma once

#include <vector>

#include "config/diagnostics.hpp"
#include "config/keyword.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"
#include "config/tracker.hpp"

namespace xvrrp::config {

struct SyncGroupDraft {
  Diagnostics& diagnostics;
  const Statement& block;
  Given given{};
  SyncGroup group{};
  bool weights = false; ///< sync_group_tracking_weight
  std::vector<const Statement*> member_blocks{};
  std::vector<const Statement*> track_blocks{};
};

SyncGroupDraft read_sync_group(Diagnostics& diagnostics, const Statement& block);

/// Gives the groups their members, and the members what their group tracks. Groups without a member are left
/// out.
std::vector<SyncGroup> finish_sync_groups(std::vector<SyncGroupDraft> drafts, const Trackers& trackers,
                                          std::vector<Instance>& instances);

} // namespace xvrrp::config
