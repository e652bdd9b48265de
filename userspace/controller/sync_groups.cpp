// SPDX-License-Identifier: BSD-2-Clause
#include "controller/sync_groups.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "controller/log_limit.hpp"

namespace xvrrp::controller {
namespace {

NotifiedState notified(core::State state) {
  switch (state) {
  case core::State::Master:
    return NotifiedState::Master;
  case core::State::Backup:
    return NotifiedState::Backup;
  case core::State::Fault:
    return NotifiedState::Fault;
  case core::State::Init:
    break;
  }
  return NotifiedState::Stop;
}

} // namespace

void SyncGroups::use(const std::vector<config::SyncGroup>& groups) {
  std::map<std::string, Group> next;
  for (const auto& group : groups) {
    auto& entry = next[group.name];
    if (const auto known = groups_.find(group.name); known != groups_.end())
      entry = std::move(known->second);
    entry.group = group;
    std::erase_if(entry.members, [&](const auto& member) {
      return std::find(group.members.begin(), group.members.end(), member.first) == group.members.end();
    });
  }
  groups_ = std::move(next);
  for (auto& [name, group] : groups_)
    settle(group, false); // one whose only member in FAULT has left
}

void SyncGroups::follow(const std::vector<std::shared_ptr<VirtualRouter>>& routers) {
  if (groups_.empty())
    return;
  for (auto& [name, group] : groups_)
    group.members.clear();
  for (const auto& router : routers) {
    const auto& instance = router->newest_plan().instance;
    const auto found = groups_.find(instance.sync_group);
    if (found != groups_.end() && router->told.transitions() > 0)
      found->second.members.emplace(instance.name, router->told.state());
  }
  for (auto& [name, group] : groups_)
    settle(group, false);
}

void SyncGroups::hear(const config::Instance& instance, core::State state, bool resumed) {
  const auto found = groups_.find(instance.sync_group);
  if (found == groups_.end())
    return;
  found->second.members[instance.name] = state;
  settle(found->second, resumed);
}

void SyncGroups::settle(Group& entry, bool resumed) {
  const auto now = state_of(entry);
  if (!now || *now == entry.told.value_or(core::State::Init))
    return;
  const bool is_news = entry.told || !resumed;
  entry.told = now;
  if (!is_news)
    return;
  const auto& group = entry.group;
  if (const auto line = limited("group " + group.name, group.name + ": " + core::name(*now)))
    spdlog::info("{}", *line);
  notifier_.tell({"GROUP", group.name, group.notify, 0}, notified(*now));
}

core::State SyncGroups::state(const std::string& group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? core::State::Init : found->second.told.value_or(core::State::Init);
}

std::map<std::string, core::State> SyncGroups::told() const {
  std::map<std::string, core::State> all;
  for (const auto& [name, group] : groups_) {
    if (group.told)
      all.emplace(name, *group.told);
  }
  return all;
}

void SyncGroups::resume(const std::map<std::string, core::State>& told) {
  for (auto& [name, group] : groups_) {
    if (const auto known = told.find(name); known != told.end())
      group.told = known->second;
  }
}

/// Absent: some of it have not started, or ended, yet.
std::optional<core::State> SyncGroups::state_of(const Group& group) {
  if (group.members.empty())
    return std::nullopt;
  const auto all = group.group.members.size();
  const auto count = [&](core::State state) {
    return static_cast<std::size_t>(
        std::count_if(group.members.begin(), group.members.end(),
                      [&](const auto& member) { return member.second == state; }));
  };
  if (count(core::State::Fault) > 0)
    return core::State::Fault;
  if (count(core::State::Master) == all)
    return core::State::Master;
  if (count(core::State::Init) == all)
    return core::State::Init;
  return group.members.size() < all || count(core::State::Init) > 0 ? std::nullopt
                                                                    : std::optional{core::State::Backup};
}

} // namespace xvrrp::controller
