// SPDX-License-Identifier: BSD-2-Clause
#include "controller/fleet.hpp"

#include <utility>

namespace xvrrp::controller {
namespace {

std::vector<Fleet::Member> members_of(const std::vector<std::shared_ptr<VirtualRouter>>& routers) {
  std::vector<Fleet::Member> members;
  for (const auto& router : routers) {
    const auto& plan = router->newest_plan();
    members.push_back({router.get(), plan.key, plan.instance.sync_group});
  }
  return members;
}

} // namespace

Fleet::Fleet(std::vector<std::shared_ptr<VirtualRouter>> those, std::vector<RouterChange> what_changes)
    : election::Fleet(members_of(those)), routers(std::move(those)), made(std::move(what_changes)) {
  for (auto& change : made)
    changes.push_back(&change);
}

} // namespace xvrrp::controller
