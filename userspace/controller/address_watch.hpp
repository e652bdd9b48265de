// SPDX-License-Identifier: BSD-2-Clause
// Virtual addresses that somebody takes away from under a Master.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "controller/election.hpp"
#include "controller/interface_watch.hpp"
#include "controller/plan.hpp"
#include "controller/put_back_pace.hpp"

namespace xvrrp::controller {

/// Has the election thread put them back, which knows whether the router is still Master. Manager thread.
class AddressWatch {
public:
  explicit AddressWatch(Election& election) : election_(election) {} ///< outlives the object

  /// What the kernel announces is put back at once.
  void on_deleted(const InterfaceWatch::Deleted& deleted);
  /// Every second: what could not be put back at once, and now and then what nobody announced.
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

  Election& election_;
  PutBackPace pace_;
  bool pending_ = false; ///< something is left to be put back
  Instant next_look_{};  ///< at all addresses
  Instant changed_{};    ///< the last time that changes were expected
};

} // namespace xvrrp::controller
