// SPDX-License-Identifier: BSD-2-Clause
// IPv4 packets to unicast peers, whose MAC addresses the kernel resolves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A raw IPv4 socket that only sends (IPPROTO_RAW receives no packet). The packet brings its own header
/// (IP_HDRINCL); the kernel fills in the header checksum and total length always, the identification and the
/// source only where they are zero. One socket serves all interfaces: each send names its interface
/// (IP_PKTINFO), which also makes the kernel treat a peer without a route as on-link there. One thread at a
/// time. Never blocks: a packet whose peer's MAC is not known yet waits in the neighbour's queue. Does not
/// allocate. Needs CAP_NET_RAW, and CAP_NET_ADMIN for its priority 7 (TC_PRIO_CONTROL).
class RawIpv4Socket {
public:
  static Result<RawIpv4Socket> open();

  /// 0 or errno: ENETUNREACH or ENODEV when the interface is down or gone, EMSGSIZE over the MTU, EPERM when
  /// a netfilter output rule refused it, EAGAIN when the send buffer is full, EINVAL for a packet that is no
  /// IPv4 packet.
  int send(std::uint32_t ifindex, const IpAddress& destination, std::span<const std::byte> packet) noexcept;

private:
  explicit RawIpv4Socket(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

} // namespace xvrrp::platform
