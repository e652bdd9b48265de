// SPDX-License-Identifier: BSD-2-Clause
#include "cli/terminal.hpp"

#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace xvrrp::cli {
namespace {

int first_error = 0;

} // namespace

bool on_terminal() {
  const char* const terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view{terminal} != "dumb";
}

bool wants_colours() {
  const char* const no_color = std::getenv("NO_COLOR");
  return on_terminal() && (no_color == nullptr || *no_color == '\0');
}

std::size_t terminal_lines() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    first_error = first_error == 0 ? errno : first_error;
}

Status finish_output() {
  if (first_error == 0)
    return Done{};
  return failed(std::string{"writing to standard output: "} + std::strerror(first_error));
}

} // namespace xvrrp::cli
