// SPDX-License-Identifier: BSD-2-Clause
// A rule of virtual_nat, our extension of the configuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xvrrp/base/address.hpp>

namespace xvrrp {

/// Masquerade and Snat select the packets of `family` forwarded from `iif` to `oif`, Dnat those that come in
/// by `iif` for one of `destinations`; only those whose source is in `from`.
struct NatRule {
  enum class Kind : std::uint8_t { Masquerade, Snat, Dnat };
  enum class Transport : std::uint8_t { Any, Tcp, Udp };
  struct Ports {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    friend bool operator==(const Ports&, const Ports&) = default;
  };

  Kind kind = Kind::Masquerade;
  std::string oif;              ///< empty: Dnat's
  std::optional<IpPrefix> from; ///< source prefix; absent: any
  std::optional<IpAddress> to;  ///< Snat: the new source address. Dnat: the new destination
  std::optional<IpAddress> to_last = std::nullopt; ///< Snat to a pool: its end, `to` is its begin
  std::string iif = {};                            ///< empty: the virtual router's interface
  Family family = Family::IPv4;                    ///< of the virtual router, and of all addresses here
  std::vector<IpAddress> destinations = {};        ///< Dnat only: at least one
  Transport transport = Transport::Any;            ///< Dnat only
  Ports ports = {};                                ///< Dnat of Tcp and Udp: the destination's
  std::uint16_t to_port = 0;                       ///< Dnat of Tcp and Udp: the new port; 0: the same
  friend bool operator==(const NatRule&, const NatRule&) = default;
};

} // namespace xvrrp
