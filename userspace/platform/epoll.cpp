// SPDX-License-Identifier: BSD-2-Clause
#include "platform/epoll.hpp"

#include <algorithm>

#include "platform/timespec.hpp"

namespace xvrrp::platform {

namespace {

Status control(int epoll, int operation, int fd, std::uint64_t token, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  if (::epoll_ctl(epoll, operation, fd, &event) != 0)
    return system_error("epoll_ctl on descriptor " + std::to_string(fd));
  return Done{};
}

} // namespace

Result<Epoll> Epoll::create() {
  UniqueFd fd{::epoll_create1(EPOLL_CLOEXEC)};
  if (!fd)
    return system_error("epoll_create1");
  return Epoll{std::move(fd)};
}

Status Epoll::add(int fd, std::uint64_t token, std::uint32_t events) {
  return control(fd_.get(), EPOLL_CTL_ADD, fd, token, events);
}

Status Epoll::modify(int fd, std::uint64_t token, std::uint32_t events) {
  return control(fd_.get(), EPOLL_CTL_MOD, fd, token, events);
}

Status Epoll::remove(int fd) {
  return control(fd_.get(), EPOLL_CTL_DEL, fd, 0, 0);
}

std::span<const Epoll::Event> Epoll::wait(std::optional<Nanoseconds> timeout) noexcept {
  std::array<epoll_event, kMaxEvents> ready;
  const timespec limit = to_timespec(std::max(timeout.value_or(Nanoseconds{0}), Nanoseconds{0}));
  const int count = ::epoll_pwait2(fd_.get(), ready.data(), kMaxEvents, timeout ? &limit : nullptr, nullptr);
  const auto used = static_cast<std::size_t>(std::max(count, 0));
  for (std::size_t i = 0; i < used; ++i)
    events_[i] = {ready[i].data.u64, ready[i].events};
  return std::span{events_}.first(used);
}

} // namespace xvrrp::platform
