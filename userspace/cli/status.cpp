// SPDX-License-Identifier: BSD-2-Clause
#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/status_view.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {
Status run(const ShowStatus& command) {
  const auto status = ask(command.instance, {{"command", "status"}});
  if (!status)
    return status.error();
  print(command.json ? pretty(*status) : status_text(*status, wants_colours()));
  return Done{};
}

} // namespace xvrrp::cli
