// SPDX-License-Identifier: BSD-2-Clause
// Any text as a configuration: the reader comes to an end, and every complaint points into what was read.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include <glob.h>

#include "config/reader.hpp"
#include "fuzz/require.hpp"

/// Instead of libc's: what a file includes is not to be had here, and the machine's files are none of its
/// business.
extern "C" int glob(const char*, int, int (*)(const char*, int), glob_t* found) {
  *found = {};
  return GLOB_NOMATCH;
}
extern "C" void globfree(glob_t*) {}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xvrrp;
  using fuzz::require;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto outcome = config::parse(text, "f", "a");
  const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  for (const auto& diagnostic : outcome.diagnostics) {
    require(diagnostic.where.file == "f" && diagnostic.where.line <= lines,
            "a complaint about no line of it");
    require(!diagnostic.message.empty(), "a complaint without a message");
  }
  if (!outcome.ok())
    return 0;
  for (const auto& instance : outcome.configuration.instances) {
    require(!instance.interface.empty(), "an instance without an interface");
    require(instance.router.vrid >= 1 && instance.router.priority >= 1, "a VRID or a priority of 0");
    require(!instance.advertised().empty(), "an instance without addresses");
    require(instance.router.advertisement_interval > Nanoseconds::zero(), "no interval");
  }
  return 0;
}
