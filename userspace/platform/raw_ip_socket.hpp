// SPDX-License-Identifier: BSD-2-Clause
// IP packets to unicast peers, whose MAC addresses the kernel resolves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A raw socket per family that only sends (IPPROTO_RAW receives no packet). The packet brings its own
/// header. Of an IPv4 header the kernel fills in the checksum and total length always, the identification and
/// the source only where they are zero; an IPv6 header leaves as it is. One object serves all interfaces:
/// each send names its interface (IP_PKTINFO, IPV6_PKTINFO), and routes by other interfaces do not count.
/// There, an IPv4 peer without a route is on-link; an IPv6 peer needs a route, which a link-local one
/// has where the interface has a link-local address itself. One thread at a time. Never blocks: a packet
/// whose peer's MAC is not known yet waits in the neighbour's queue. Does not allocate after open(). Needs
/// CAP_NET_RAW, and CAP_NET_ADMIN for its priority 7 (TC_PRIO_CONTROL).
class RawIpSocket {
public:
  /// Succeeds on a kernel without IPv6, where only IPv4 is sent.
  static Result<RawIpSocket> open();

  /// `destination` is that of the packet's header, whose family it decides. 0 or errno: ENETUNREACH or ENODEV
  /// when the interface is down or gone, or without a route to an IPv6 peer; EADDRNOTAVAIL when it has no
  /// IPv6 address that is ready for use; EMSGSIZE over the MTU; EPERM when a netfilter output rule refused
  /// it; EAGAIN when the send buffer is full; EINVAL for less than an IP header; EAFNOSUPPORT for IPv6 on a
  /// kernel without it.
  int send(std::uint32_t ifindex, const IpAddress& destination, std::span<const std::byte> packet) noexcept;

private:
  RawIpSocket(UniqueFd ipv4, UniqueFd ipv6) noexcept : ipv4_(std::move(ipv4)), ipv6_(std::move(ipv6)) {}

  UniqueFd ipv4_;
  UniqueFd ipv6_; ///< none: the kernel has no IPv6
};

} // namespace xvrrp::platform
