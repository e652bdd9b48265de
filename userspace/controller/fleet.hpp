// SPDX-License-Identifier: BSD-2-Clause
// The routers of a configuration, as the election runs them and as the manager knows them.
#pragma once

#include <memory>
#include <vector>

#include "controller/virtual_router.hpp"
#include "election/fleet.hpp"
#include "platform/addresses.hpp"

namespace xvrrp::controller {

/// With the addresses that a reload changes.
struct RouterChange : election::RouterChange {
  platform::AddressBatch gone;             ///< what only the old plan has; to be removed by a Master
  platform::AddressBatch come;             ///< what only the new one has; to be installed by a Master
  std::vector<Announcement> announcements; ///< of the addresses that come
};

/// A fleet with its routers, whose indexes are the same, and what it changes about them.
struct Fleet : election::Fleet {
  explicit Fleet(std::vector<std::shared_ptr<VirtualRouter>> routers, std::vector<RouterChange> changes = {});

  std::vector<std::shared_ptr<VirtualRouter>> routers;
  std::vector<RouterChange> made; ///< what `changes` are
};

} // namespace xvrrp::controller
