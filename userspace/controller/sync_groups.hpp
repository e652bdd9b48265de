// SPDX-License-Identifier: BSD-2-Clause
// The states of sync groups, as scripts are told of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "controller/notifier.hpp"
#include "core/types.hpp"

namespace xvrrp::controller {

/// A group is Master when all of it is, in FAULT when one of it is, and Backup in between; it starts and
/// stops when the last of it has. Manager thread.
class SyncGroups {
public:
  explicit SyncGroups(Notifier& notifier) : notifier_(notifier) {}

  /// What is known of groups that are still there stays known.
  void use(const std::vector<config::SyncGroup>& groups);
  /// A member of some group may be in another state now; a group that is in another one then is told of.
  void hear(const config::Instance& instance, core::State state);
  /// As scripts were told last; INIT before that, and of a group that is not there.
  core::State state(const std::string& group) const;

private:
  struct Group {
    config::SyncGroup group;
    std::map<std::string, core::State> members; ///< by name; those that were heard of
    core::State state = core::State::Init;
  };
  static std::optional<core::State> state_of(const Group& group);

  Notifier& notifier_;
  std::map<std::string, Group> groups_;
};

} // namespace xvrrp::controller
