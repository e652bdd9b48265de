// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/terminal.hpp"
#include "config/reader.hpp"

namespace xvrrp::cli {
namespace {

std::string check_json(const std::string& file, const config::Outcome& outcome) {
  Json diagnostics = Json::array();
  for (const auto& diagnostic : outcome.diagnostics)
    diagnostics.push_back({{"file", diagnostic.where.file},
                           {"line", diagnostic.where.line},
                           {"column", diagnostic.where.column},
                           {"severity", diagnostic.severity == config::Severity::Error ? "error" : "warning"},
                           {"message", diagnostic.message}});
  return pretty({{"schema", kSchema},
                 {"file", file},
                 {"ok", outcome.ok()},
                 {"virtual_routers", outcome.configuration.instances.size()},
                 {"diagnostics", diagnostics}});
}

std::string counted(std::size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

} // namespace

Status run(const Check& command) {
  const auto outcome = config::load_file(command.file, command.config_id);
  if (command.json)
    print(check_json(command.file, outcome));
  else
    for (const auto& diagnostic : outcome.diagnostics)
      std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
  if (!outcome.ok()) {
    const auto errors =
        std::count_if(outcome.diagnostics.begin(), outcome.diagnostics.end(),
                      [](const auto& diagnostic) { return diagnostic.severity == config::Severity::Error; });
    return Error{ErrorKind::Usage,
                 fmt::format("{}: {}", command.file, counted(static_cast<std::size_t>(errors), "error"))};
  }
  if (!command.json)
    print(fmt::format("{}: good, {}\n", command.file,
                      counted(outcome.configuration.instances.size(), "virtual router")));
  return Done{};
}

} // namespace xvrrp::cli
