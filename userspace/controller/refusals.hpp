// SPDX-License-Identifier: BSD-2-Clause
// What the kernel refuses the routers, in the log: adverts, and roles.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <xvrrp/base/time.hpp>

#include "controller/virtual_router.hpp"

namespace xvrrp::controller {

/// Compares what the election thread publishes with what was logged last, so nothing is missed. Manager
/// thread.
class Refusals {
public:
  /// Every second. Of each router it says at most one line in ten seconds; of many at once, the first few and
  /// how many more.
  void look_around(const std::vector<std::shared_ptr<VirtualRouter>>& routers, Instant now);

private:
  struct Told {
    std::uint64_t adverts = 0; ///< refused
    std::uint64_t roles = 0;   ///< likewise
    bool is_refused = false;   ///< as the log has it
    Instant next{};            ///< the first moment for another line
  };
  std::map<const VirtualRouter*, Told> told_;
};

} // namespace xvrrp::controller
