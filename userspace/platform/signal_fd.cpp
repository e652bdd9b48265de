// SPDX-License-Identifier: BSD-2-Clause
#include "platform/signal_fd.hpp"

#include <sys/signalfd.h>

namespace xvrrp::platform {

Result<SignalFd> SignalFd::create(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : signals)
    ::sigaddset(&set, number);
  if (const int code = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0)
    return system_error("pthread_sigmask", code);
  UniqueFd fd{::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (!fd)
    return system_error("signalfd");
  return SignalFd{std::move(fd)};
}

std::optional<int> SignalFd::next() noexcept {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info)
    return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

} // namespace xvrrp::platform
