// SPDX-License-Identifier: BSD-2-Clause
#include "cli/pause.hpp"

#include <csignal>

#include "platform/clock.hpp"

namespace xvrrp::cli {

Result<Pause> Pause::create() {
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

bool Pause::until(Instant moment) {
  for (;;) {
    const auto now = platform::monotonic_now();
    if (now >= moment)
      return true;
    if (!epoll_.wait(moment - now).empty())
      return false;
  }
}

} // namespace xvrrp::cli
