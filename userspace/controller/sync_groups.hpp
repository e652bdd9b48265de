// SPDX-License-Identifier: BSD-2-Clause
// The states of sync groups, as scripts are told of them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "controller/notifier.hpp"
#include "controller/virtual_router.hpp"
#include "core/types.hpp"

namespace xvrrp::controller {

/// A group is Master when all of it is, in FAULT when one of it is, and Backup in between; it starts and
/// stops when the last of it has. Manager thread.
class SyncGroups {
public:
  explicit SyncGroups(Notifier& notifier) : notifier_(notifier) {}

  /// What is known of groups that are still there stays known.
  void use(const std::vector<config::SyncGroup>& groups);
  /// Brings the groups to what is told of these routers, whoever is a member by now: a router that runs may
  /// have come into a group or left it. Every second and after any news.
  void follow(const std::vector<std::shared_ptr<VirtualRouter>>& routers);
  /// A member of some group may be in another state now; a group that is in another one then is told of.
  /// `resumed`: the member goes on where an earlier process left it, so a group of which nothing is known was
  /// told of by that one.
  void hear(const config::Instance& instance, core::State state, bool resumed);
  /// As scripts were told; without those of which nobody was told yet.
  std::map<std::string, core::State> told() const;
  /// What an earlier process told; of groups that are there.
  void resume(const std::map<std::string, core::State>& told);
  /// As scripts were told last; INIT before that, and of a group that is not there.
  core::State state(const std::string& group) const;

private:
  struct Group {
    config::SyncGroup group;
    std::map<std::string, core::State> members; ///< by name; those that were heard of
    std::optional<core::State> told;
  };
  static std::optional<core::State> state_of(const Group& group);
  void settle(Group& group, bool resumed);

  Notifier& notifier_;
  std::map<std::string, Group> groups_;
};

} // namespace xvrrp::controller
