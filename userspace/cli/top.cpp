// SPDX-License-Identifier: BSD-2-Clause
#include <optional>

#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/pause.hpp"
#include "cli/terminal.hpp"
#include "cli/top_view.hpp"
#include "platform/clock.hpp"

namespace xvrrp::cli {
namespace {

std::string shown(const Top& command, const std::optional<TopSample>& before, const TopSample& now) {
  if (command.json)
    return compact(top_json(before, now));
  if (!on_terminal() || command.count == 1U)
    return top_text(before, now, 0, wants_colours());
  const auto lines = terminal_lines();
  return kClearScreen + top_text(before, now, lines > 1 ? lines - 1 : lines, wants_colours());
}

} // namespace

Status run(const Top& command) {
  auto pause = Pause::create();
  if (!pause)
    return std::move(pause).error();
  auto next = platform::monotonic_now();
  std::optional<TopSample> before;
  for (std::uint32_t samples = 0;;) {
    auto status = ask(command.instance, {{"command", "status"}});
    if (status) {
      TopSample now{platform::monotonic_now(), *std::move(status)};
      print(shown(command, before, now));
      before = std::move(now);
    } else if (before && !command.json && on_terminal()) {
      print(kClearScreen + status.error().message + "\n"); // it may come back: a restart, a handover
    } else {
      return status.error();
    }
    ++samples;
    next += command.interval;
    if (!finish_output() || samples == command.count || !pause->until(next))
      return Done{};
  }
}

} // namespace xvrrp::cli
