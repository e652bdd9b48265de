// SPDX-License-Identifier: BSD-2-Clause
#include "cli/guards.hpp"

#include <array>

#include <fmt/format.h>

namespace xvrrp::cli {

Status require_capabilities(std::span<const platform::Capability> needed) {
  const auto missing = platform::missing_capabilities(needed);
  if (missing.empty())
    return Done{};
  return Error{ErrorKind::Permission,
               fmt::format("this needs {}: run it as root", fmt::join(missing, " and "))};
}

Status require_bpf() {
  return require_capabilities(std::array{platform::Capability::Bpf});
}

Result<platform::Interface> require_interface(const std::string& name) {
  auto interface = platform::find_interface(name);
  if (!interface)
    return std::move(interface).error();
  if (!*interface)
    return failed("there is no interface \"" + name + "\" in this network namespace");
  return **std::move(interface);
}

std::string command_line(const std::string& instance, const std::string& words) {
  return instance == "default" ? "vrrpctl " + words : "vrrpctl --instance " + instance + " " + words;
}

} // namespace xvrrp::cli
