// SPDX-License-Identifier: BSD-2-Clause
// vrrp_instance, in two steps: the keywords when the block is read, and what depends on other keywords or on
// all of global_defs when the whole file was read.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/global_defs.hpp"
#include "config/keyword.hpp"
#include "config/model.hpp"
#include "config/rule_line.hpp"
#include "config/syntax.hpp"
#include "config/tracker.hpp"

namespace xvrrp::config {

/// What the keywords of a vrrp_instance write to. Statements point into the tree, which must outlive the
/// draft.
struct InstanceDraft {
  Diagnostics& diagnostics;
  const Statement& block;
  RulePriorities& rule_priorities;
  Given given{};
  Instance instance{}; ///< complete but for what follows

  std::optional<bool> wants_master{};
  std::optional<std::uint8_t> priority{};
  std::optional<core::Version> version{};
  std::optional<bool> lower_prio_no_advert{};
  std::optional<bool> higher_prio_send_advert{};
  std::optional<bool> owner_ignores_adverts{};
  std::optional<bool> notify_priority_changes{};
  std::optional<std::uint16_t> garp_lower_prio_repeat{};
  std::optional<Nanoseconds> garp_lower_prio_delay{};
  std::optional<bool> strict{};
  bool has_address_lines = false;
  bool addresses_incomplete = false; ///< something in virtual_ipaddress was reported and left out
  std::vector<VirtualAddress> excluded{};

  // Read at the end, when version and family are known.
  const Statement* advert_int = nullptr;
  const Statement* source = nullptr;
  const Statement* use_vmac = nullptr;
  std::vector<const Statement*> peer_blocks{};
  std::vector<const Statement*> nat_blocks{};
  std::vector<const Statement*> track_blocks{};

  /// Absent: no address could be read, and nothing is checked against the family.
  std::optional<Family> family() const {
    return instance.addresses.empty() ? std::nullopt : std::optional{instance.router.family};
  }
};

/// Reads the keywords of `block`, with the defaults that `globals` holds at this point of the file.
InstanceDraft read_instance(Diagnostics& diagnostics, const Statement& block, const GlobalDefs& globals,
                            RulePriorities& rule_priorities);

/// Completes the draft; `globals` and `trackers` are what the whole file says. Also reports mandatory
/// keywords that are missing.
Instance finish_instance(InstanceDraft draft, const GlobalDefs& globals, const Trackers& trackers);

} // namespace xvrrp::config
