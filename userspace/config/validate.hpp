// SPDX-License-Identifier: BSD-2-Clause
// What must hold between the instances of a configuration.
#pragma once

#include <vector>

#include "config/diagnostics.hpp"
#include "config/instance.hpp"

namespace xvrrp::config {

/// Reports instances of the same name, and virtual routers with the same VRID, interface and family. The
/// IPv4 and the IPv6 virtual router of a VRID stand side by side (RFC 9568 5.2.3).
void validate(Diagnostics& diagnostics, const std::vector<InstanceDraft>& drafts);

/// Reports custom virtual MACs that two routers of an interface share: by the MAC a frame is known to be for
/// one of them, and while that one is Backup it would refuse the other's. The RFC's differ wherever family or
/// VRID do.
void validate_macs(Diagnostics& diagnostics, const std::vector<Instance>& instances);

/// Warns of a virtual address that two instances have: both may be Master and answer for it. Link-local ones
/// only count on one interface.
void validate_addresses(Diagnostics& diagnostics, const std::vector<Instance>& instances);

/// Reports static addresses that are given twice or are virtual ones, too: a Backup would have them.
void validate_static_addresses(Diagnostics& diagnostics, const std::vector<VirtualAddress>& addresses,
                               const std::vector<Instance>& instances);

/// Reports, at the first line that is too much, what the maps of the data plane have no room for
/// (abi/types.h). On VLAN devices, which take a second entry of the device below, less may fit: a start says
/// so.
void validate_room(Diagnostics& diagnostics, const std::vector<Instance>& instances);

} // namespace xvrrp::config
