// SPDX-License-Identifier: BSD-2-Clause
// What the kernel says about network interfaces and their addresses now; link_monitor.hpp tells what changes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

struct InterfaceAddress {
  IpPrefix prefix;               ///< the local address; with a peer the length is of the peer's
  std::optional<IpAddress> peer; ///< of a point-to-point link
  std::uint8_t protocol = 0; ///< IFA_PROTO: who installed it; 0 on kernels before 5.18 and where nobody said
  bool secondary = false; ///< IPv4: not the first address of its subnet. IPv6: a temporary (privacy) address
  bool tentative = false; ///< IPv6: duplicate address detection is not over, it cannot be a source yet
  std::string label;      ///< IPv4: IFA_LABEL, by default the interface's name
};

/// A snapshot. The index is what names an interface to the kernel; the name may change.
struct Interface {
  std::uint32_t index = 0;
  std::string name;
  std::string kind;                  ///< "veth", "bridge", "vlan", "macvlan", ...; empty for hardware
  std::array<std::uint8_t, 6> mac{}; ///< zero where the link layer is not Ethernet
  std::uint32_t mtu = 0;
  bool admin_up = false; ///< IFF_UP
  /// IFF_LOWER_UP and IFF_RUNNING: the device has a carrier and its operational state (RFC 2863) lets packets
  /// pass. A port that waits for 802.1X, a bond without ports and a bridge without a forwarding port have
  /// none.
  bool carrier = false;
  bool loopback = false;
  std::uint32_t lower = 0; ///< of a device on another: that one's index (IFLA_LINK); a veth's is its peer
  bool lower_elsewhere = false;            ///< `lower` is a number of another network namespace
  std::uint16_t vlan_id = 0;               ///< of a VLAN device
  std::uint16_t vlan_protocol = 0;         ///< of a VLAN device: 0x8100 (802.1Q) or 0x88a8 (802.1ad)
  std::uint32_t vrf_table = 0;             ///< of a VRF device: its routing table
  std::vector<InterfaceAddress> addresses; ///< in the kernel's order: IPv4 (primary first), then IPv6

  bool is_vlan() const { return kind == "vlan"; }
  bool usable() const { return admin_up && carrier; }
};

/// Asks rtnetlink; each call opens its own socket, blocks for a few tens of microseconds and allocates: not
/// for the election thread. Needs no capability. Absent: there is no such interface in this network
/// namespace.
Result<std::optional<Interface>> find_interface(std::string_view name);
Result<std::optional<Interface>> find_interface(std::uint32_t index);
/// Every interface, by rising index.
Result<std::vector<Interface>> interfaces();
/// Only their names, by index: one request. Empty when the kernel does not say.
std::map<std::uint32_t, std::string> interface_names();

} // namespace xvrrp::platform
