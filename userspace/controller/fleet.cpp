// SPDX-License-Identifier: BSD-2-Clause
#include "controller/fleet.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "core/types.hpp"

namespace xvrrp::controller {
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

auto sort_key(const xv_vr_key& key) {
  return std::tie(key.ifindex, key.vlan, key.inner_vlan, key.family, key.vrid);
}

bool is_before(const std::pair<xv_vr_key, std::size_t>& a, const std::pair<xv_vr_key, std::size_t>& b) {
  return sort_key(a.first) < sort_key(b.first);
}

/// What all routers together send at once.
std::size_t count_frames(const std::vector<std::shared_ptr<VirtualRouter>>& routers) {
  std::size_t frames = 1;
  for (const auto& router : routers) {
    const auto& instance = router->newest_plan().instance;
    const auto destinations = std::max<std::size_t>(1, instance.unicast_peers.size());
    frames += destinations * (instance.router.v2_interop ? 2 : 1) + instance.addresses.size();
  }
  return frames;
}

} // namespace

Fleet::Fleet(std::vector<std::shared_ptr<VirtualRouter>> members, std::vector<RouterChange> what_changes)
    : routers(std::move(members)), changes(std::move(what_changes)),
      room(routers.size(), count_frames(routers)), deadlines(routers.size() * kTimersPerRouter),
      commands((kCommandsPerRouter + 1) * routers.size() + kSpareCommands + kLifeCycleCommands),
      room_for_transitions(kTransitionsPerRouter * routers.size()),
      reports(room_for_transitions + kSpareReports), reserved_commands(routers.size() + kLifeCycleCommands) {
  for (std::size_t router = 0; router < routers.size(); ++router)
    index_.emplace_back(routers[router]->newest_plan().key, router);
  std::sort(index_.begin(), index_.end(), is_before);
  std::map<std::string, std::size_t> known;
  for (std::size_t router = 0; router < routers.size(); ++router) {
    const auto& name = routers[router]->newest_plan().instance.sync_group;
    const auto [group, is_new] = known.emplace(name, name.empty() ? 0 : groups_.size());
    group_.push_back(group->second);
    if (is_new && !name.empty())
      groups_.emplace_back();
    if (!name.empty())
      groups_[group->second].push_back(router);
  }
  adverts.reserve(2 * routers.size());
  role_changes.reserve(routers.size());
}

std::optional<std::size_t> Fleet::find(const xv_vr_key& key) const noexcept {
  const auto found =
      std::lower_bound(index_.begin(), index_.end(), std::pair{key, std::size_t{0}}, is_before);
  if (found == index_.end() || !dataplane::same_key(found->first, key))
    return std::nullopt;
  return found->second;
}

void Fleet::use_key(std::size_t router, const xv_vr_key& key) noexcept {
  for (auto& [known, of] : index_) {
    if (of == router)
      known = key;
  }
  std::sort(index_.begin(), index_.end(), is_before);
}

} // namespace xvrrp::controller
