// SPDX-License-Identifier: BSD-2-Clause
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/durations.hpp"
#include "cli/guards.hpp"
#include "cli/pause.hpp"
#include "cli/terminal.hpp"
#include "cli/watch_view.hpp"
#include "platform/clock.hpp"

namespace xvrrp::cli {
namespace {

std::string redrawn(const WatchSample& sample, Nanoseconds interval) {
  return fmt::format("{}{}, instance \"{}\", every {}; Ctrl-C ends\n\n{}", kClearScreen, sample.interface,
                     sample.instance, duration_text(interval), watch_text(sample, wants_colours()));
}

/// `first`: nothing was shown before.
std::string shown(const WatchSample& sample, const Watch& command, bool first) {
  if (command.json)
    return compact(watch_json(sample));
  if (on_terminal() && command.count != 1U)
    return redrawn(sample, command.interval);
  return (first ? "" : "\n") + watch_text(sample, wants_colours());
}

} // namespace

Status run(const Watch& command) {
  if (auto status = require_bpf(); !status)
    return status;
  auto pause = Pause::create();
  if (!pause)
    return std::move(pause).error();
  auto next = platform::monotonic_now();
  for (std::uint32_t samples = 0;;) {
    // Found anew each time, so that it follows a daemon that starts again.
    const auto sample = take_sample(command.instance, command.interface);
    if (!sample)
      return sample.error();
    print(shown(*sample, command, samples == 0));
    ++samples;
    next += command.interval;
    if (!finish_output() || samples == command.count || !pause->until(next))
      return Done{};
  }
}

} // namespace xvrrp::cli
