// SPDX-License-Identifier: BSD-2-Clause
#include "controller/put_back.hpp"

#include <spdlog/spdlog.h>

#include "platform/routes.hpp"

namespace xvrrp::controller {
namespace {

constexpr Nanoseconds kSettled = std::chrono::seconds{1};

void put_back(const VirtualRouter& router, const RouterPlan& plan) {
  std::vector<IpRoute> routes;
  std::vector<IpRule> rules;
  for (std::size_t i = 0; i < plan.routes.size(); ++i) {
    if (plan.instance.routes[i].tracked && !plan.routes[i].expires)
      routes.push_back(plan.routes[i]);
  }
  for (std::size_t i = 0; i < plan.rules.size(); ++i) {
    if (plan.instance.rules[i].tracked)
      rules.push_back(plan.rules[i]);
  }
  const auto& name = plan.instance.name;
  std::size_t installed = 0;
  const auto status = platform::install_missing(
      {routes, rules}, [&](const std::string& what, const std::optional<platform::Refusal>& refusal) {
        if (refusal) // the takeover has told of it, and its interface may be down
          return;
        ++installed;
        spdlog::warn("{}: {} was deleted by somebody; it is put back", name, what);
      });
  if (!status)
    spdlog::error("{}: looking for its routes: {}", name, status.error().message);
  // The state is told before the election thread removes anything, so what it missed is seen here.
  const auto now = router.status();
  if (installed > 0 && (now.state != core::State::Master || now.plan != &plan))
    (void)platform::remove_routes({routes, rules}, [](const platform::Refusal&) {});
}

} // namespace

void put_back_routes(const std::vector<std::shared_ptr<VirtualRouter>>& routers, Instant now) {
  for (const auto& router : routers) {
    const auto status = router->status();
    const auto& plan = plan_of(status);
    if (status.state == core::State::Master && now - status.since >= kSettled &&
        (!plan.routes.empty() || !plan.rules.empty()))
      put_back(*router, plan);
  }
}

} // namespace xvrrp::controller
