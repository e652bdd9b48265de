// SPDX-License-Identifier: BSD-2-Clause
// Virtual addresses that are missing from a Master, and those that are left on others.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "controller/election.hpp"
#include "controller/interface_watch.hpp"
#include "controller/plan.hpp"
#include "controller/put_back_pace.hpp"

namespace xvrrp::controller {

/// Has the election thread put them back, or take them away, which knows whether the router is Master by
/// then. Manager thread.
class AddressWatch {
public:
  explicit AddressWatch(Election& election) : election_(election) {} ///< outlives the object

  /// A deletion that the kernel announces is put back at once.
  void on_changes(const InterfaceWatch::AddressChanges& changes);
  /// Every second: what could not be put back at once, and now and then what nobody announced. What carries
  /// our mark on a router that is not Master is taken away; it is looked for after each transition, plan and
  /// announcement that may have to do with it, until there is none.
  void look_around();
  /// Routers have other plans since just now, so that some addresses may be on their way.
  void expect_changes();

private:
  struct Suspect {
    std::size_t router;
    const RouterPlan* plan;
    std::size_t address; ///< index in the plan
  };
  std::vector<Suspect> find_suspects(const std::function<bool(const AddressKey&)>& is_suspect,
                                     Instant entered_until);
  void put_back(const std::vector<Suspect>& suspects, bool at_once);
  void look_for_missing(Instant now);
  void look_for_leftovers(Instant now);
  std::vector<std::size_t> find_settled(Instant now);
  std::vector<std::string> find_leftovers(const RouterPlan& plan, const InterfaceMap& interfaces) const;
  bool is_a_masters(const AddressKey& address) const;

  Election& election_;
  PutBackPace pace_;
  bool pending_ = false; ///< something is left to be put back
  Instant next_look_{};  ///< at all addresses
  Instant changed_{};    ///< the last time that changes were expected
  bool in_doubt_ = true; ///< there may be leftovers of routers that had none
  Instant clean_{};      ///< when routers without a transition since had none
};

} // namespace xvrrp::controller
