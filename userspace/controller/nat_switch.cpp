// SPDX-License-Identifier: BSD-2-Clause
#include "controller/nat_switch.hpp"

#include <spdlog/spdlog.h>

namespace xvrrp::controller {

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
    const auto& instance = member.plan->instance;
    routers.push_back({instance.name, instance.interface, instance.nat});
  }
  if (is_staged_ && routers == (table_ ? table_->routers() : std::vector<platform::NatVr>{}) &&
      index == index_)
    return Done{};
  if (routers.empty()) {
    if (auto status = platform::NatTable::remove_leftover(instance_); !status)
      return status;
    table_.reset();
  } else {
    if (!watch_) {
      auto watch = platform::RulesetWatch::open();
      if (!watch)
        return std::move(watch).error();
      watch_ = *std::move(watch);
    }
    auto table = platform::NatTable::stage(instance_, std::move(routers), active);
    if (!table)
      return std::move(table).error();
    table_ = *std::move(table);
  }
  index_ = std::move(index);
  is_staged_ = true;
  return Done{};
}

Status NatSwitch::follow(const std::vector<std::shared_ptr<VirtualRouter>>& routers) {
  std::vector<platform::NatSwitch> switches;
  for (const auto& router : routers) {
    const auto known = index_.find(router.get());
    if (known == index_.end())
      continue;
    const auto status = router->status();
    const bool is_master = status.state == core::State::Master;
    if (status.transitions > 0 && is_master != table_->is_active(known->second))
      switches.push_back({known->second, is_master});
  }
  if (switches.empty() || table_->apply(switches))
    return Done{};
  auto status = table_->repair(); // somebody has deleted it: this is not the time to wait for the next look
  in_doubt_ |= !status;
  return status;
}

void NatSwitch::look_around() {
  if (!table_)
    return;
  in_doubt_ |= watch_->take_changed();
  if (!in_doubt_)
    return;
  in_doubt_ = !table_->is_intact();
  if (!in_doubt_)
    return;
  spdlog::warn(
      "another program has changed or deleted the nftables table inet xvrrp_{}: it is put back. Until "
      "then virtual_nat was not in force; \"nft monitor\" shows who does it: let it delete its own "
      "tables instead of the ruleset",
      instance_);
  const auto status = table_->repair();
  if (!status)
    spdlog::error("{}", status.error().message);
  in_doubt_ = !status;
}

} // namespace xvrrp::controller
