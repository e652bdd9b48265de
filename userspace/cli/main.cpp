// SPDX-License-Identifier: BSD-2-Clause
// vrrpctl
#include <cstdio>
#include <variant>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"

int main(int argc, char** argv) {
  using namespace xvrrp;
  const auto parsed = cli::parse_options(argc, argv);
  if (!parsed.command)
    return parsed.exit_code;
  Status status = std::visit([](const auto& command) { return cli::run(command); }, *parsed.command);
  if (status)
    status = cli::finish_output();
  if (status)
    return 0;
  std::fflush(stdout); // what was said before the error comes before it
  cli::print_error("vrrpctl: " + status.error().message);
  return static_cast<int>(status.error().kind);
}
