// SPDX-License-Identifier: BSD-2-Clause
#include <fmt/format.h>

#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {

Status run(const SetPriority& command) {
  const auto done =
      ask(command.instance, {{"command", "priority"},
                             {"router", command.router},
                             {"priority", command.priority ? Json(*command.priority) : Json{}}});
  if (!done)
    return done.error();
  print(
      fmt::format("{} has priority {}\n", text_at(*done, "router"), digits_at(*done, "effective_priority")));
  return Done{};
}

} // namespace xvrrp::cli
