// SPDX-License-Identifier: BSD-2-Clause
// Another configuration while the routers run: what is the same goes on untouched.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "config/model.hpp"
#include "controller/attachments.hpp"
#include "controller/election.hpp"
#include "controller/interface_watch.hpp"
#include "controller/nat_switch.hpp"

namespace xvrrp::controller {

class AddedRouters;

/// What became of the virtual routers: their names.
struct Reloaded {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;   ///< in the state that they are in
  std::vector<std::string> restarted; ///< what changed is not to be changed in a Master
  std::size_t unchanged = 0;

  std::string text() const;
};

/// Compares configurations by interface, family and VRID, and gives the election thread a new fleet. A router
/// that is removed ends as if it were stopped, and is forgotten when it has. Manager thread.
class Reloader {
public:
  /// `hear_reports` handles what the election thread has reported. All of it outlives the object.
  Reloader(Election& election, dataplane::DataPlane& data_plane, Attachments& attachments,
           InterfaceWatch& watch, const Tracking& tracking, NatSwitch& nat,
           std::function<void()> hear_reports);

  /// On an error everything is as it was. Waits for the election thread, which goes on meanwhile. Routers
  /// that are new are to be started (InterfaceWatch::start_ready()).
  Result<Reloaded> reload(const config::Configuration& configuration);
  /// Whether the configuration has it no more.
  bool is_ending(const std::shared_ptr<VirtualRouter>& router) const { return ending_.count(router) > 0; }
  /// Forgets the removed routers that have ended. To be called now and then.
  void forget_ended();

private:
  using Member = std::shared_ptr<VirtualRouter>;
  struct Comparison;

  Result<Comparison> compare(const config::Configuration& configuration,
                             const InterfaceMap& interfaces) const;
  std::optional<std::size_t> find(const RouterPlan& plan) const;
  PlanList standing_plans(const InterfaceMap& interfaces) const;
  Status prepare(const Comparison& next, const InterfaceMap& interfaces, AddedRouters& added);
  std::vector<std::pair<xv_vr_key, std::vector<IpAddress>>> peers_left(const Comparison& next) const;
  Status stage_nat(const Comparison& next);
  void end_removed(const Comparison& next, bool graceful);
  std::unique_ptr<Fleet> make_fleet(Comparison& next, const InterfaceMap& interfaces);
  void replace(std::unique_ptr<Fleet> fleet, const std::vector<std::optional<std::size_t>>& origins);
  void forget(const xv_vr_key& key);

  Election& election_;
  dataplane::DataPlane& data_plane_;
  Attachments& attachments_;
  InterfaceWatch& watch_;
  const Tracking& tracking_;
  NatSwitch& nat_;
  std::function<void()> hear_reports_;
  std::set<Member> ending_; ///< removed by the operator
};

} // namespace xvrrp::controller
