// SPDX-License-Identifier: BSD-2-Clause
// virtual_ipaddress and virtual_ipaddress_excluded: the virtual addresses of a vrrp_instance as a list.
#pragma once

#include "config/instance.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// Adds the lines of a virtual_ipaddress block. The first address decides the virtual router's family.
void read_addresses(InstanceDraft& draft, const Statement& block);
/// Adds the lines of a virtual_ipaddress_excluded block.
void read_excluded_addresses(InstanceDraft& draft, const Statement& block);

/// Once all blocks are read: both lists become one. What adverts have no room for is excluded; an IPv6 list
/// begins with a link-local address, or that is reported.
void finish_addresses(InstanceDraft& draft);

} // namespace xvrrp::config
