// SPDX-License-Identifier: BSD-2-Clause
#include "cli/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include <xvrrp/base/printable.hpp>

namespace xvrrp::cli {
namespace {

int first_error = 0;

/// As printable_lines(), but for what this program itself tells a terminal to do.
std::string shown_with_styles(std::string_view text) {
  static const std::array<std::string_view, 5> own{kStyles[0], kStyles[1], kStyles[2], kPlain, kClearScreen};
  std::string shown;
  while (!text.empty()) {
    const auto next = std::min(text.find('\033'), text.size());
    shown += printable_lines(text.substr(0, next));
    text.remove_prefix(next);
    const auto found = std::find_if(own.begin(), own.end(),
                                    [&](std::string_view one) { return text.substr(0, one.size()) == one; });
    const auto control = text.substr(0, found == own.end() ? 1 : found->size());
    shown += found == own.end() ? printable(control) : std::string{control};
    text.remove_prefix(control.size());
  }
  return shown;
}

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

void print(std::string_view given) {
  const auto text = on_terminal() ? shown_with_styles(given) : printable_lines(given);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    first_error = first_error == 0 ? errno : first_error;
}

void print_error(std::string_view line) {
  std::fprintf(stderr, "%s\n", printable(line).c_str());
}

Status finish_output() {
  if (first_error == 0)
    return Done{};
  return failed(std::string{"writing to standard output: "} + std::strerror(first_error));
}

} // namespace xvrrp::cli
