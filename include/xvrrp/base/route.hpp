// SPDX-License-Identifier: BSD-2-Clause
// Routes and routing rules as the kernel has them. Numbers are those of <linux/rtnetlink.h> and
// <linux/fib_rules.h>.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xvrrp/base/address.hpp>

namespace xvrrp {

/// RTPROT_KEEPALIVED: the mark of the routes and rules that we install, by which a successor recognises what
/// a killed daemon left behind.
inline constexpr std::uint8_t kRouteProtocol = 18;

/// A device that a configuration names. The number is known when the configuration has met the machine.
struct DeviceName {
  std::string name;        ///< empty: none is named, the kernel finds one
  std::uint32_t index = 0; ///< 0: not known
  friend bool operator==(const DeviceName&, const DeviceName&) = default;
};

struct NextHop {
  std::optional<IpAddress> gateway; ///< an IPv4 route may have an IPv6 one
  DeviceName device;
  std::uint16_t weight = 1; ///< 1 to 256
  bool onlink = false;      ///< the gateway is taken to be there, whatever the addresses say
  std::uint32_t realms = 0; ///< source realm << 16 | destination realm
  friend bool operator==(const NextHop&, const NextHop&) = default;
};

struct IpRoute {
  /// Where a route goes whose destination has others already.
  enum class Position : std::uint8_t { First, Last, Only };

  std::uint8_t type = 1; ///< RTN_UNICAST
  IpPrefix destination;  ///< length 0: the default route. Its family is the route's
  std::optional<IpPrefix> from;
  std::optional<IpAddress> preferred_source;
  std::uint32_t table = 254; ///< RT_TABLE_MAIN
  std::string vrf;           ///< a VRF device whose table takes the place of `table`; empty: none
  std::uint8_t protocol = kRouteProtocol;
  std::uint8_t scope = 0; ///< RT_SCOPE_UNIVERSE
  std::uint8_t tos = 0;
  std::optional<std::uint32_t> metric;
  std::map<std::uint16_t, std::uint32_t> metrics; ///< RTAX_*, RTAX_LOCK among them
  std::string congestion_control;                 ///< RTAX_CC_ALGO; empty: the system's
  std::optional<std::uint8_t> preference;         ///< RFC 4191, ICMPV6_ROUTER_PREF_*; IPv6
  std::optional<std::uint32_t> expires;           ///< seconds; IPv6
  Position position = Position::First;
  std::vector<NextHop> hops; ///< none: a type that goes nowhere

  Family family() const { return destination.address.family(); }
  friend bool operator==(const IpRoute&, const IpRoute&) = default;
};

struct IpRule {
  template <typename Number>
  using Range = std::pair<Number, Number>; ///< first and last

  Family family = Family::IPv4;
  bool inverted = false; ///< for what does not match
  std::optional<IpPrefix> from;
  std::optional<IpPrefix> to;
  std::string input_device;  ///< empty: any
  std::string output_device; ///< likewise
  std::uint8_t tos = 0;
  std::optional<std::uint32_t> mark;
  std::optional<std::uint32_t> mark_mask;
  std::optional<std::uint64_t> tunnel;
  std::optional<Range<std::uint32_t>> users;
  std::optional<std::uint8_t> ip_protocol;
  std::optional<Range<std::uint16_t>> source_ports;
  std::optional<Range<std::uint16_t>> destination_ports;

  std::uint32_t priority = 0;
  std::uint8_t action = 1;  ///< FR_ACT_TO_TBL
  std::uint32_t table = 0;  ///< of FR_ACT_TO_TBL, unless `vrf_table`
  bool vrf_table = false;   ///< l3mdev: that of the packet's VRF
  std::uint32_t target = 0; ///< of FR_ACT_GOTO: a rule's priority
  std::uint32_t realms = 0; ///< as in NextHop; IPv4
  std::optional<std::uint32_t>
      suppressed_length; ///< answers with a prefix of this length or less do not count
  std::optional<std::uint32_t> suppressed_group; ///< nor those with a device of this group
  std::uint8_t protocol = kRouteProtocol;
  friend bool operator==(const IpRule&, const IpRule&) = default;
};

} // namespace xvrrp
