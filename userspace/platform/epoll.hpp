// SPDX-License-Identifier: BSD-2-Clause
// Waiting for descriptors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sys/epoll.h>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A level-triggered epoll set. Each descriptor carries a token of the caller's choice that comes back with
/// its events. Nothing is allocated after create(). One thread waits; add, modify and remove are safe from
/// another. The set does not own the descriptors: remove one before closing it, or close it last (closing
/// removes it).
class Epoll {
public:
  static constexpr std::size_t kMaxEvents = 64; ///< per wait; what is left over comes with the next one

  struct Event {
    std::uint64_t token = 0;
    std::uint32_t events = 0; ///< EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP
  };

  static Result<Epoll> create();

  int fd() const noexcept { return fd_.get(); } ///< readable: one of the descriptors is ready

  Status add(int fd, std::uint64_t token, std::uint32_t events = EPOLLIN);
  Status modify(int fd, std::uint64_t token, std::uint32_t events);
  Status remove(int fd);

  /// Blocks until a descriptor is ready or the timeout has passed; absent: no limit. Empty on timeout and
  /// when a signal interrupted. The span is valid until the next wait.
  std::span<const Event> wait(std::optional<Nanoseconds> timeout = std::nullopt) noexcept;

private:
  explicit Epoll(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
  std::array<Event, kMaxEvents> events_{};
};

} // namespace xvrrp::platform
