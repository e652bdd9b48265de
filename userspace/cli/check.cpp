// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/explain.hpp"
#include "cli/json.hpp"
#include "cli/terminal.hpp"
#include "config/reader.hpp"
#include "config/surroundings.hpp"

namespace xvrrp::cli {
namespace {

std::size_t count(const config::Outcome& outcome, config::Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(outcome.diagnostics.begin(), outcome.diagnostics.end(),
                    [&](const auto& diagnostic) { return diagnostic.severity == severity; }));
}

std::string counted(std::size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

/// With --strict a warning is an error.
config::Outcome check(const Check& command) {
  auto outcome = config::load_file(command.file, command.config_id);
  if (outcome.ok() && outcome.configuration.instances.empty())
    outcome.diagnostics.push_back(
        {{command.file, 0, 0}, config::Severity::Error, "has no vrrp_instance: there is nothing to run"});
  auto here = config::check_surroundings(outcome.configuration);
  std::move(here.begin(), here.end(), std::back_inserter(outcome.diagnostics));
  for (auto& diagnostic : outcome.diagnostics) {
    if (command.strict)
      diagnostic.severity = config::Severity::Error;
  }
  return outcome;
}

std::string check_json(const Check& command, const config::Outcome& outcome) {
  Json diagnostics = Json::array();
  for (const auto& diagnostic : outcome.diagnostics)
    diagnostics.push_back({{"file", diagnostic.where.file},
                           {"line", diagnostic.where.line},
                           {"column", diagnostic.where.column},
                           {"severity", diagnostic.severity == config::Severity::Error ? "error" : "warning"},
                           {"message", diagnostic.message}});
  Json answer{{"schema", kSchema},
              {"file", command.file},
              {"ok", outcome.ok()},
              {"virtual_routers", outcome.configuration.instances.size()},
              {"errors", count(outcome, config::Severity::Error)},
              {"warnings", count(outcome, config::Severity::Warning)},
              {"diagnostics", diagnostics}};
  if (command.explain && outcome.ok())
    answer["configuration"] = explained(outcome.configuration);
  return pretty(answer);
}

} // namespace

Status run(const Check& command) {
  const auto outcome = check(command);
  if (command.json)
    print(check_json(command, outcome));
  else
    for (const auto& diagnostic : outcome.diagnostics)
      print_error(diagnostic.text());
  if (!outcome.ok())
    return Error{
        ErrorKind::WouldNotRun,
        fmt::format("{}: {}", command.file, counted(count(outcome, config::Severity::Error), "error"))};
  if (!command.json && command.explain)
    print(as_text(explained(outcome.configuration)));
  else if (!command.json)
    print(fmt::format("{}: good, {}\n", command.file,
                      counted(outcome.configuration.instances.size(), "virtual router")));
  if (outcome.insecure_scripts)
    return Error{ErrorKind::InsecureScripts,
                 command.file + ": root runs scripts that others may change: add enable_script_security"};
  return Done{};
}

} // namespace xvrrp::cli
