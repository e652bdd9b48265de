// SPDX-License-Identifier: BSD-2-Clause
// What allocates and frees: apart from the turn, which does not.
#include "election/fleet.hpp"

#include <algorithm>
#include <map>

#include "election/keys.hpp"
#include "election/turn.hpp"

namespace xvrrp::election {
namespace {

/// Commands that may wait: a router that gets new interfaces is told RaiseFault, UsePlan, UseFrames,
/// ClearFault.
constexpr std::size_t kCommandsPerRouter = 6;
constexpr std::size_t kSpareCommands = 16;
/// Beside one StopRouter each: StopRouters, gracefully and then not, UseFleet, HandOver, EndThread.
constexpr std::size_t kLifeCycleCommands = 8;
/// Reports that may wait for the manager: a takeover of every router is one each. The others have what is
/// spare.
constexpr std::size_t kTransitionsPerRouter = 4;
constexpr std::size_t kSpareReports = 64;

} // namespace

Fleet::Fleet(const std::vector<Member>& those, std::vector<RouterChange*> what_changes)
    : changes(std::move(what_changes)), room(those.size()), deadlines(those.size() * kTimersPerRouter),
      commands((kCommandsPerRouter + 1) * those.size() + kSpareCommands + kLifeCycleCommands),
      room_for_transitions(kTransitionsPerRouter * those.size()),
      reports(room_for_transitions + kSpareReports), reserved_commands(those.size() + kLifeCycleCommands),
      role_changes(those.size()) {
  std::map<std::string, std::size_t> known;
  for (std::size_t router = 0; router < those.size(); ++router) {
    members.push_back(those[router].router);
    index_.emplace_back(those[router].key, router);
    const auto& name = those[router].group;
    const auto [group, is_new] = known.emplace(name, name.empty() ? 0 : groups_.size());
    group_.push_back(group->second);
    if (is_new && !name.empty())
      groups_.emplace_back();
    if (!name.empty())
      groups_[group->second].push_back(router);
  }
  std::sort(index_.begin(), index_.end(), is_before);
}

Nanoseconds default_lease(const core::RouterConfig& router) {
  const auto interval = router.advertisement_interval;
  return std::max(interval * router.down_adverts - interval / 2, interval + interval / 4);
}

Outbox::Room::Room(std::size_t routers)
    : adverts(2 * routers + 1), address_changes(2 * routers + 1), // a reload changes them twice
      waiting(routers + 1) {}

Turn::Turn(Fleet& fleet, Effects& effects, bool keeps_down_timer) noexcept
    : effects_(effects), keeps_down_timer_(keeps_down_timer), running_(&fleet), settled_(running_),
      outbox_(effects) {
  outbox_.use(running_->room);
}

Turn::~Turn() = default;

} // namespace xvrrp::election
