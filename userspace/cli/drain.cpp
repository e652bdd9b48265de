// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;

/// More than a Master waits for the weakest Backup, at the longest interval.
constexpr auto kPatience = 60s;

/// What the daemon says of the router now.
Result<Json> state_of(const std::string& instance, const std::string& name) {
  const auto status = ask(instance, {{"command", "status"}});
  if (!status)
    return status.error();
  for (const auto& router : member(*status, "instances")) {
    if (text_at(router, "name") == name)
      return router;
  }
  return failed("xvrrpd has no virtual router " + name + " any more");
}

} // namespace

/// Returns when the router has let go, or takes part again.
Status run(const Drain& command) {
  const auto begun =
      ask(command.instance, {{"command", command.drained ? "drain" : "undrain"}, {"router", command.router}});
  if (!begun)
    return begun.error();
  const auto name = text_at(*begun, "router");
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const auto router = state_of(command.instance, name);
    if (!router)
      return router.error();
    const auto reason = text_at(*router, "reason");
    const bool resigns = member(*router, "resigns") == true;
    if (!resigns && (!command.drained || text_at(*router, "state") != "MASTER") &&
        (command.drained || reason != "drained")) {
      print(fmt::format("{} is {}: {}, {}\n", name, command.drained ? "drained" : "in service",
                        text_at(*router, "state"), text_at(*router, "reason_text")));
      return Done{};
    }
    if (std::chrono::steady_clock::now() > deadline)
      return failed(name + " is still " + text_at(*router, "state") + "; vrrpctl status says more");
    std::this_thread::sleep_for(10ms);
  }
}

} // namespace xvrrp::cli
