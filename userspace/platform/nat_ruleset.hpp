// SPDX-License-Identifier: BSD-2-Clause
// The nftables commands that virtual_nat is made of; see NatTable for the chains. Nothing here touches the
// kernel.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "platform/nat.hpp"

namespace xvrrp::platform::nat_ruleset {

/// The name of an instance's table, with its family.
std::string table_of(std::string_view instance);
/// Deletes the table, and succeeds where there is none.
std::string deletion(const std::string& table);
/// Usage error for a rule that nftables could not express.
Status check(const NatVr& router);
/// Makes the table, with every router inactive, in the place of one that is there.
std::string staging(const std::string& table, const std::vector<NatVr>& routers);
std::string switching(const std::string& table, const std::vector<NatVr>& routers,
                      std::span<const NatSwitch> switches);

} // namespace xvrrp::platform::nat_ruleset
