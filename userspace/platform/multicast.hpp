// SPDX-License-Identifier: BSD-2-Clause
// Membership of multicast groups, so that switches (IGMP and MLD snooping) and the NIC's filter let the
// group's frames through to XDP.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// Joins groups (224.0.0.18, ff02::12) through UDP sockets that are bound to no port and hence receive
/// nothing. One socket per interface and family, because the kernel allows 20 memberships per socket
/// (net.ipv4.igmp_max_memberships) but any number of sockets. The destructor leaves all groups. Manager
/// thread. Needs no capability.
class MulticastMemberships {
public:
  /// Joining twice is joining once. An interface that is deleted takes its memberships with it: leave() it,
  /// then join again when it is back.
  Status join(std::uint32_t ifindex, const IpAddress& group);
  /// Leaves all groups on the interface.
  void leave(std::uint32_t ifindex) noexcept;

private:
  std::map<std::pair<std::uint32_t, Family>, UniqueFd> sockets_;
};

} // namespace xvrrp::platform
