// SPDX-License-Identifier: BSD-2-Clause
// The virtual routers that the tests configure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/address.hpp>

namespace xvrrp::test {

inline constexpr std::uint64_t kSecond = 1'000'000'000;
inline constexpr std::uint64_t kMillisecond = 1'000'000;
/// Longer than any test takes.
inline constexpr std::uint64_t kHour = 3600 * kSecond;

/// A virtual router as user space would set it up. Its address is 192.168.1.12 or fe80::12, its virtual
/// address 192.168.1.13 or fe80::13.
struct Router {
  xv_vr_config config{};
  std::uint8_t vrid = 0;
  std::uint16_t vlan = 0;
  Family family = Family::IPv4;
  xv_role role = XV_ROLE_BACKUP;
  std::vector<IpAddress> peers;

  Router& in_role(xv_role value);
  Router& without_preempt();
  Router& with_priority(std::uint8_t value);
  /// v2: seconds; v3: centiseconds.
  Router& with_interval(std::uint16_t value);
  /// The interface's MAC, and the virtual one.
  Router& with_mac(const std::array<std::uint8_t, 6>& value);
  Router& with_virtual_mac(const std::array<std::uint8_t, 6>& value);
  Router& on_vlan(std::uint16_t id);
  /// XV_VR_*
  Router& with_flags(std::uint32_t flags);
};

/// The guide's DENT3: VRRPv2, VRID 150, priority 100, 1 s, password "1212", unicast with 192.168.1.11.
Router guide_router();
/// VRRPv2, VRID 150, priority 100, 1 s, multicast, no authentication.
Router v2_router();
/// VRRPv3, VRID 10, priority 100, 1 s, multicast.
Router v3_router();
/// The same over IPv6.
Router six_router();
/// VRID 10 of another daemon on this host.
Router listed_router();

/// Master_Down_Interval in force with the configuration and this Master_Adver_Interval.
std::uint64_t master_down_ns(const Router& router, std::uint64_t interval_ns);

} // namespace xvrrp::test
