// SPDX-License-Identifier: BSD-2-Clause
#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/explanation_view.hpp"
#include "cli/terminal.hpp"

namespace xvrrp::cli {

Status run(const ExplainState& command) {
  const auto explanation = ask(command.instance, {{"command", "explain"}, {"router", command.router}});
  if (!explanation)
    return explanation.error();
  print(command.json ? pretty(*explanation) : explanation_text(*explanation, wants_colours()));
  return Done{};
}

} // namespace xvrrp::cli
