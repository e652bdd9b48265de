// SPDX-License-Identifier: BSD-2-Clause
#include "controller/inventory.hpp"

#include <utility>

#include "dataplane/inventory.hpp"

namespace xvrrp::controller {

Status Inventory::note(Part part, platform::InstallMessages messages) {
  auto& noted = parts_[static_cast<std::size_t>(part)];
  if (written_ && noted == messages)
    return Done{};
  noted = std::move(messages);
  dataplane::Inventory all{platform::network_cookie(), {}};
  for (const auto& each : parts_)
    all.messages.insert(all.messages.end(), each.begin(), each.end());
  auto status = dataplane::write_inventory(data_plane_.pins(), all);
  written_ = static_cast<bool>(status);
  return status;
}

platform::InstallMessages installs_of(const PlanList& plans) {
  platform::InstallMessages messages;
  for (const auto* plan : plans)
    platform::append(messages, plan->batch);
  return messages;
}

Result<platform::Claims> find_claims(const std::string& instance, platform::InstallMessages installs) {
  const auto network = platform::network_cookie();
  const auto left = dataplane::inventory_of(instance);
  if (!left)
    return left.error();
  platform::Claims claims{std::move(installs), {}, dataplane::inventory_of_others(instance, network)};
  if (left->network == network)
    claims.ours.insert(claims.ours.end(), left->messages.begin(), left->messages.end());
  return claims;
}

} // namespace xvrrp::controller
