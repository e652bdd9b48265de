// SPDX-License-Identifier: BSD-2-Clause
// The time between two samples of a command that goes on until somebody ends it.
#pragma once

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/epoll.hpp"
#include "platform/signal_fd.hpp"

namespace xvrrp::cli {

/// Sleeps, and ends the command in good order on Ctrl-C.
class Pause {
public:
  static Result<Pause> create();

  /// False when a signal asks to end.
  bool until(Instant moment);

private:
  Pause(platform::SignalFd signals, platform::Epoll epoll)
      : signals_(std::move(signals)), epoll_(std::move(epoll)) {}
  platform::SignalFd signals_;
  platform::Epoll epoll_;
};

} // namespace xvrrp::cli
