// SPDX-License-Identifier: BSD-2-Clause
#include <chrono>
#include <thread>

#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/status_view.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kSuccessorPatience = 10s;
constexpr auto kReloadPatience = 30s;

/// Until the successor answers: not before it runs its routers.
Status wait_for_successor(const std::string& instance) {
  const auto deadline = std::chrono::steady_clock::now() + kSuccessorPatience;
  for (;;) {
    auto status = ask(instance, {{"command", "status"}});
    if (status)
      return Done{};
    if (std::chrono::steady_clock::now() > deadline)
      return std::move(status).error().in("the new xvrrpd does not answer; its log says why");
    std::this_thread::sleep_for(20ms);
  }
}

} // namespace

Status run(const HandOver& command) {
  const auto begun = ask(command.instance, {{"command", "handover"}});
  if (!begun)
    return begun.error();
  if (auto status = wait_for_successor(command.instance); !status)
    return status;
  print("handed over to " + text_at(*begun, "handover") + "\n");
  return Done{};
}

Status run(const Reload& command) {
  // A thousand virtual routers with ten addresses each are compared, and changed, within this.
  const auto done = ask(command.instance, {{"command", "reload"}}, kReloadPatience);
  if (!done)
    return done.error();
  print(command.json ? pretty(*done) : "reloaded: " + text_at(member(*done, "reload"), "text") + "\n");
  return Done{};
}

Status run(const ShowStatus& command) {
  const auto status = ask(command.instance, {{"command", "status"}});
  if (!status)
    return status.error();
  if (command.names) {
    for (const auto& router : member(*status, "instances"))
      print(text_at(router, "name") + "\n");
    return Done{};
  }
  print(command.json ? pretty(*status) : status_text(*status, wants_colours()));
  return Done{};
}

} // namespace xvrrp::cli
