// SPDX-License-Identifier: BSD-2-Clause
#include "controller/nat_switch.hpp"

namespace xvrrp::controller {
namespace {

platform::NatVr nat_router(const config::Instance& instance) {
  platform::NatVr router{instance.name, instance.interface, {}};
  for (const auto& rule : instance.nat) {
    const auto kind = rule.kind == config::NatRule::Kind::Masquerade ? platform::NatRuleSpec::Kind::Masquerade
                                                                     : platform::NatRuleSpec::Kind::Snat;
    router.rules.push_back({kind, rule.oif, rule.from, rule.source});
  }
  return router;
}

} // namespace

Status NatSwitch::stage(const std::vector<Member>& members) {
  std::map<const VirtualRouter*, std::size_t> index;
  std::vector<platform::NatVr> routers;
  std::vector<platform::NatSwitch> active;
  for (const auto& member : members) {
    if (member.plan->instance.nat.empty())
      continue;
    index[member.router] = routers.size();
    if (member.active)
      active.push_back({routers.size(), true});
    routers.push_back(nat_router(member.plan->instance));
  }
  if (is_staged_ && routers == (table_ ? table_->routers() : std::vector<platform::NatVr>{}) &&
      index == index_)
    return Done{};
  if (routers.empty()) {
    if (auto status = platform::NatTable::remove_leftover(instance_); !status)
      return status;
    table_.reset();
  } else {
    auto table = platform::NatTable::stage(instance_, std::move(routers), active);
    if (!table)
      return std::move(table).error();
    table_ = *std::move(table);
  }
  index_ = std::move(index);
  is_staged_ = true;
  return Done{};
}

Status NatSwitch::apply(const std::vector<std::pair<const VirtualRouter*, bool>>& switches) {
  std::vector<platform::NatSwitch> known;
  for (const auto& [router, active] : switches) {
    if (const auto found = index_.find(router); found != index_.end())
      known.push_back({found->second, active});
  }
  return known.empty() ? Status{Done{}} : table_->apply(known);
}

} // namespace xvrrp::controller
