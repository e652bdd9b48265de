// SPDX-License-Identifier: BSD-2-Clause
#include "controller/refusals.hpp"

#include <cstring>

#include <spdlog/spdlog.h>

namespace xvrrp::controller {
namespace {

constexpr Nanoseconds kInterval = std::chrono::seconds{10};
constexpr std::size_t kLines = 5; ///< in one look

std::string advert_line(const config::Instance& instance, const RouterStatus& status, std::uint64_t refused) {
  return instance.name + ": the kernel refuses adverts on " + instance.interface + ": " +
         std::strerror(status.advert_error) + " (" + std::to_string(refused) +
         " more); a Master whose adverts do not leave is fenced";
}

std::string role_line(const config::Instance& instance, const RouterStatus& status) {
  return instance.name + ": the data plane of " + instance.interface +
         " did not take its role: " + std::strerror(status.role_error) + "; it is told again";
}

} // namespace

void Refusals::look_around(const std::vector<std::shared_ptr<VirtualRouter>>& routers, Instant now) {
  std::map<const VirtualRouter*, Told> next;
  std::size_t lines = 0;
  const auto say = [&](const std::string& line) {
    if (++lines <= kLines)
      spdlog::error("{}", line);
  };
  for (const auto& router : routers) {
    auto& told = next[router.get()];
    if (const auto before = told_.find(router.get()); before != told_.end())
      told = before->second;
    const auto status = router->status();
    const auto& instance = router->newest_plan().instance;
    const bool is_refused = status.advert_error != 0 || status.role_error != 0;
    if (told.is_refused && !is_refused)
      spdlog::info("{}: the kernel takes its adverts and its role again", instance.name);
    if (now < told.next && is_refused)
      continue;
    if (status.adverts_refused > told.adverts && status.advert_error != 0)
      say(advert_line(instance, status, status.adverts_refused - told.adverts));
    if (status.roles_refused > told.roles && status.role_error != 0)
      say(role_line(instance, status));
    told = {status.adverts_refused, status.roles_refused, is_refused,
            is_refused ? now + kInterval : Instant{}};
  }
  if (lines > kLines)
    spdlog::error("and {} more routers of which the kernel refuses something", lines - kLines);
  told_ = std::move(next);
}

} // namespace xvrrp::controller
