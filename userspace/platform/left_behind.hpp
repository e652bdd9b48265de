// SPDX-License-Identifier: BSD-2-Clause
// What a killed daemon left in the kernel: addresses, routes and rules. Our marks (kAddressProtocol,
// kRouteProtocol) say that an xvrrpd installed them, not which one; that say the messages that it meant to
// install them with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "platform/addresses.hpp"

namespace xvrrp::platform {

/// rtnetlink messages that install addresses, routes and rules, one behind the other.
using InstallMessages = std::vector<std::byte>;
void append(InstallMessages& messages, const AddressBatch& batch);

/// Whose is what.
struct Claims {
  InstallMessages ours;   ///< what the daemon that is gone may have installed
  InstallMessages stays;  ///< of that, what is to stay if it is exactly so
  InstallMessages others; ///< what may be another instance's, and is not touched
};

struct Removed {
  std::size_t addresses = 0;
  std::size_t routes = 0; ///< and rules
};

/// Removes what carries our marks and is ours. A route is known by what the kernel tells routes apart by,
/// since it may have made something else of the rest. Kernels before 5.18 do not store the mark of addresses:
/// there none is found. Blocks; manager thread. Needs CAP_NET_ADMIN.
Result<Removed> remove_left_behind(const Claims& claims);

/// A number of this network namespace that no other one gets until the machine starts anew; 0: the kernel
/// does not say (before 5.14).
std::uint64_t network_cookie();

} // namespace xvrrp::platform
