// SPDX-License-Identifier: BSD-2-Clause
// The VRRP packets that this host sends, as they leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A packet socket that sees outgoing frames of one interface: VRRP over IPv4 and IPv6, and every frame whose
/// VLAN tag stands in its bytes. What arrives is filtered in the kernel. One thread. Needs CAP_NET_RAW.
class OutgoingTap {
public:
  static Result<OutgoingTap> open(std::uint32_t ifindex);

  /// Readable when there is a frame; for epoll.
  int fd() const noexcept { return fd_.get(); }

  struct Frame {
    Nanoseconds since_epoch{};           ///< CLOCK_REALTIME
    std::uint32_t length = 0;            ///< bytes.size(), unless the buffer was too small for all of it
    std::span<const std::uint8_t> bytes; ///< with its VLAN tag; valid until the next call
  };
  /// The next frame; false when there is none.
  bool next(Frame& frame);
  /// Frames that found no room in the socket, since the last call.
  std::uint32_t lost() noexcept;

private:
  explicit OutgoingTap(UniqueFd fd);

  UniqueFd fd_;
  std::vector<std::uint8_t> buffer_;
};

} // namespace xvrrp::platform
