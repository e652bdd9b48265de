// SPDX-License-Identifier: BSD-2-Clause
#include "platform/doorkeeper.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

namespace xvrrp::platform {
namespace {

UniqueFd take(int listener) noexcept {
  return UniqueFd{::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
}

UniqueFd open_spare() noexcept {
  return UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

} // namespace

Doorkeeper::Doorkeeper() : spare_(open_spare()) {}

Visitor Doorkeeper::next(int listener) noexcept {
  using Kind = Visitor::Kind;
  if (!spare_)
    spare_ = open_spare();
  if (auto fd = take(listener))
    return {Kind::Client, std::move(fd)};
  if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
    return {Kind::Nobody, {}};
  spare_ = UniqueFd{};
  auto fd = take(listener);
  const auto kind = fd ? Kind::Unwelcome : errno == EAGAIN ? Kind::Nobody : Kind::Locked;
  return {kind, std::move(fd)};
}

} // namespace xvrrp::platform
