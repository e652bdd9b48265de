// SPDX-License-Identifier: BSD-2-Clause
// Which other hosts on the network answer for an address.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <set>
#include <span>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

struct WhoHas {
  std::uint32_t ifindex = 0;         ///< where it is asked
  std::array<std::uint8_t, 6> mac{}; ///< of that interface, an Ethernet one
  IpAddress address;                 ///< that it is asked for
  IpAddress source; ///< IPv6: an address of the interface that the answer goes to; IPv4 asks without one
};

struct Holder {
  std::uint32_t ifindex = 0;
  IpAddress address;
  std::array<std::uint8_t, 6> mac{}; ///< who has it, says this host
  friend auto operator<=>(const Holder&, const Holder&) = default; // NOLINT(modernize-use-nullptr)
};

/// Asks for each twice, with ARP probes (RFC 5227 2.1.1: without a sender's address, so that nobody learns from
/// them) and neighbour solicitations (RFC 4861 4.3), at most one each millisecond, and listens until 200 ms
/// after the last one. Blocks for so long, and allocates. One that cannot be sent is nobody's answer. Needs
/// CAP_NET_RAW.
Result<std::set<Holder>> who_has(std::span<const WhoHas> questions);

} // namespace xvrrp::platform
