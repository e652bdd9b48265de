// SPDX-License-Identifier: BSD-2-Clause
// A line of virtual_ipaddress, virtual_ipaddress_excluded or static_ipaddress: ADDRESS[/LENGTH] OPTION...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

enum class AddressKind : std::uint8_t { Virtual, Static };

/// Nothing if the line does not begin with a usable address; problems with its options are reported, and the
/// options left out.
std::optional<VirtualAddress> read_address_line(Diagnostics& diagnostics, const Statement& line,
                                                AddressKind kind);

/// Adds the lines of a block. False if something was reported and left out.
bool read_address_lines(Diagnostics& diagnostics, const Statement& block, AddressKind kind,
                        std::vector<VirtualAddress>& to);

/// Reports what is on a device twice; `device` is that of lines without dev, `what` names them in messages.
void check_given_once(Diagnostics& diagnostics, const std::vector<VirtualAddress>& addresses,
                      const std::string& device, std::string_view what);

} // namespace xvrrp::config
