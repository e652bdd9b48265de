// SPDX-License-Identifier: BSD-2-Clause
#include "controller/static_routes.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace xvrrp::controller {
namespace {

void remove(const ResolvedRoutes& gone) {
  const auto status = platform::remove_routes(
      gone.set(), [](const platform::Refusal& refusal) { spdlog::error("static: {}", refusal.text()); });
  if (!status)
    spdlog::error("static routes: {}", status.error().message);
}

template <typename Item>
bool has(const std::vector<Item>& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

} // namespace

StaticRoutes::~StaticRoutes() {
  remove(installed_);
}

Result<ResolvedRoutes> StaticRoutes::resolve(const config::Configuration& configuration,
                                             bool wait_for_interfaces) {
  ResolvedRoutes resolved;
  if (configuration.static_routes.empty() && configuration.static_rules.empty())
    return resolved;
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return interfaces.error();
  std::optional<Error> problem;
  const auto add = [&](const auto& items, auto& to) {
    for (const auto& item : items) {
      if (auto found = controller::resolve(item, *interfaces))
        to.push_back(*std::move(found));
      else if (!problem)
        problem = std::move(found).error();
    }
  };
  add(configuration.static_routes, resolved.routes);
  add(configuration.static_rules, resolved.rules);
  if (problem && !wait_for_interfaces)
    return *std::move(problem);
  return resolved;
}

void StaticRoutes::use(const config::Configuration& configuration) {
  routes_ = configuration.static_routes;
  rules_ = configuration.static_rules;
  problems_.clear();
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return spdlog::error("static routes: {}", interfaces.error().message);
  ResolvedRoutes gone = std::exchange(installed_, {});
  const auto keep = [&](const auto& wanted, auto& old, auto& kept) {
    for (const auto& item : wanted) {
      const auto resolved = controller::resolve(item, *interfaces);
      const auto same = resolved ? std::find(old.begin(), old.end(), *resolved) : old.end();
      if (same == old.end())
        continue;
      kept.push_back(*same);
      old.erase(same);
    }
  };
  keep(routes_, gone.routes, installed_.routes);
  keep(rules_, gone.rules, installed_.rules);
  remove(gone);
  install(*interfaces);
}

void StaticRoutes::look_around() {
  if (routes_.empty() && rules_.empty())
    return;
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return spdlog::error("static routes: {}", interfaces.error().message);
  // With its device the kernel has deleted a route.
  std::erase_if(installed_.routes, [&](const IpRoute& route) { return !stands(route, *interfaces); });
  install(*interfaces);
}

void StaticRoutes::install(const InterfaceMap& interfaces) {
  ResolvedRoutes coming;
  ResolvedRoutes known;
  for (const auto& route : routes_) {
    const auto resolved = controller::resolve(route, interfaces);
    if (resolved && !has(installed_.routes, *resolved))
      coming.routes.push_back(*resolved);
    else if (resolved && route.tracked && !resolved->expires)
      known.routes.push_back(*resolved);
  }
  for (const auto& rule : rules_) {
    const auto resolved = controller::resolve(rule, interfaces);
    if (resolved && !has(installed_.rules, *resolved))
      coming.rules.push_back(*resolved);
    else if (resolved && rule.tracked)
      known.rules.push_back(*resolved);
  }
  note(coming);
  for (const auto* set : {&known, &coming}) {
    const auto status = platform::install_missing(
        set->set(), [&](const std::string& what, const std::optional<platform::Refusal>& refusal) {
          tell(what, refusal, set == &known);
        });
    if (!status)
      return spdlog::error("static routes: {}", status.error().message);
  }
  std::move(coming.routes.begin(), coming.routes.end(), std::back_inserter(installed_.routes));
  std::move(coming.rules.begin(), coming.rules.end(), std::back_inserter(installed_.rules));
}

void StaticRoutes::note(const ResolvedRoutes& coming) const {
  platform::InstallMessages messages;
  for (const auto* set : {&installed_, &coming}) {
    if (const auto batch = platform::AddressBatch::build({}, set->routes, set->rules))
      platform::append(messages, *batch);
  }
  if (const auto status = inventory_->note(Inventory::Part::StaticRoutes, std::move(messages)); !status)
    spdlog::error("static routes: {}", status.error().message);
}

/// A refusal once; each second it is tried again.
void StaticRoutes::tell(const std::string& what, const std::optional<platform::Refusal>& refusal,
                        bool was_there) {
  if (refusal) {
    if (std::exchange(problems_[what], refusal->text()) != refusal->text())
      spdlog::error("static: {}", refusal->text());
  } else if (problems_.erase(what) > 0) {
    spdlog::info("static {} is installed now", what);
  } else if (was_there) {
    spdlog::warn("static {} was deleted by somebody; it is put back", what);
  }
}

} // namespace xvrrp::controller
