// SPDX-License-Identifier: BSD-2-Clause
// static_routes and static_rules: there while the daemon runs, whatever the state of its routers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/route.hpp>

#include "config/model.hpp"
#include "controller/inventory.hpp"
#include "controller/plan.hpp"
#include "controller/route_plan.hpp"
#include "platform/routes.hpp"

namespace xvrrp::controller {

/// The destructor removes them; a daemon that hands over does not destroy it. Manager thread.
class StaticRoutes {
public:
  StaticRoutes() = default;
  StaticRoutes(const StaticRoutes&) = delete;
  StaticRoutes& operator=(const StaticRoutes&) = delete;
  ~StaticRoutes();

  /// Those of the configuration that have their interfaces. An error where one has not, unless
  /// `wait_for_interfaces`.
  static Result<ResolvedRoutes> resolve(const config::Configuration& configuration, bool wait_for_interfaces);
  /// Before use(). The inventory outlives every other call but the destructor.
  void note_in(Inventory& inventory) { inventory_ = &inventory; }
  /// Installs those of the configuration and removes the others. What the kernel refuses is logged, and asked
  /// for again by look_around().
  void use(const config::Configuration& configuration);
  /// Every second: those that somebody deleted, or whose interface has come, are installed.
  void look_around();

private:
  void install(const InterfaceMap& interfaces);
  void note(const ResolvedRoutes& coming) const;
  void tell(const std::string& what, const std::optional<platform::Refusal>& refusal, bool was_there);

  Inventory* inventory_ = nullptr;
  std::vector<config::Route> routes_;
  std::vector<config::Rule> rules_;
  ResolvedRoutes installed_;                    ///< what the kernel was asked to install
  std::map<std::string, std::string> problems_; ///< as the log was told, by what they are about
};

} // namespace xvrrp::controller
