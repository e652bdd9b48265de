// SPDX-License-Identifier: BSD-2-Clause
#include "controller/added_routers.hpp"

#include "core/router.hpp"

namespace xvrrp::controller {

AddedRouters::~AddedRouters() {
  for (const auto& [key, peers] : peers_)
    data_plane_.remove_peers(key, peers);
  for (const auto& key : routers_)
    data_plane_.remove_router(key);
}

Status AddedRouters::add(const RouterPlan& plan, const InterfaceMap& interfaces) {
  const auto sender = find_sender(plan, interfaces, {}, plan.instance.router.priority);
  const bool preempt = core::Router{plan.instance.router}.preempts_now();
  const auto is_new = data_plane_.create_router(plan.key, kernel_config(plan, sender, preempt));
  if (!is_new)
    return Error{is_new.error()}.in(plan.instance.name);
  if (*is_new)
    routers_.push_back(plan.key);
  auto peers = data_plane_.add_peers(plan.key, plan.instance.unicast_peers);
  if (!peers)
    return std::move(peers).error().in(plan.instance.name);
  peers_.emplace_back(plan.key, *std::move(peers));
  return Done{};
}

void AddedRouters::keep() {
  routers_.clear();
  peers_.clear();
}

} // namespace xvrrp::controller
