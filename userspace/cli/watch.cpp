// SPDX-License-Identifier: BSD-2-Clause
#include <csignal>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/durations.hpp"
#include "cli/guards.hpp"
#include "cli/terminal.hpp"
#include "cli/watch_view.hpp"
#include "platform/clock.hpp"
#include "platform/epoll.hpp"
#include "platform/signal_fd.hpp"

namespace xvrrp::cli {
namespace {

constexpr const char* kClearScreen = "\033[H\033[J";

/// Sleeps, and ends the command in good order on Ctrl-C.
class Pause {
public:
  static Result<Pause> create() {
    auto signals = platform::SignalFd::create({SIGINT, SIGTERM});
    if (!signals)
      return std::move(signals).error();
    auto epoll = platform::Epoll::create();
    if (!epoll)
      return std::move(epoll).error();
    if (auto status = epoll->add(signals->fd(), 0); !status)
      return std::move(status).error();
    return Pause{*std::move(signals), *std::move(epoll)};
  }

  /// False when a signal asks to end.
  bool until(Instant moment) {
    for (;;) {
      const auto now = platform::monotonic_now();
      if (now >= moment)
        return true;
      if (!epoll_.wait(moment - now).empty())
        return false;
    }
  }

private:
  Pause(platform::SignalFd signals, platform::Epoll epoll)
      : signals_(std::move(signals)), epoll_(std::move(epoll)) {}
  platform::SignalFd signals_;
  platform::Epoll epoll_;
};

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
