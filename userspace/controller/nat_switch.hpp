// SPDX-License-Identifier: BSD-2-Clause
// virtual_nat of all routers: who is Master has its rules switched on.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "controller/plan.hpp"
#include "controller/virtual_router.hpp"
#include "platform/nat.hpp"
#include "platform/ruleset_watch.hpp"

namespace xvrrp::controller {

/// Manager thread. The destructor removes the table.
class NatSwitch {
public:
  /// A router, the rules that it is to have, and whether they are in force now.
  struct Member {
    const VirtualRouter* router;
    const RouterPlan* plan;
    bool active;
  };
  /// `instance` is the daemon's.
  explicit NatSwitch(std::string instance) : instance_(std::move(instance)) {}

  /// Stages the table if any of these has virtual_nat, in the place of the one that is there, a predecessor's
  /// too, in one transaction; else there is none afterwards. On an error all is as it was.
  Status stage(const std::vector<Member>& members);
  /// Brings the rules to what these routers publish: those of Masters are on, all others off. What differs is
  /// switched in one transaction; without a difference there is no system call. One that has not started yet
  /// keeps what it was staged with. Where somebody has deleted the table it is made anew; what fails is tried
  /// again by look_around().
  Status follow(const std::vector<std::shared_ptr<VirtualRouter>>& routers);
  /// Puts back what somebody else has changed in our table, and says so in the log. Other tables are theirs.
  void look_around();

private:
  std::string instance_;
  std::map<const VirtualRouter*, std::size_t> index_; ///< in the table
  std::optional<platform::NatTable> table_;
  bool is_staged_ = false; ///< a predecessor's table is gone
  std::optional<platform::RulesetWatch> watch_;
  bool in_doubt_ = false; ///< the table may not be as we left it
};

} // namespace xvrrp::controller
