// SPDX-License-Identifier: BSD-2-Clause
// Numbers that have names in the files of iproute2. Each function takes the number as well, and reports what
// is neither.
#pragma once

#include <cstdint>
#include <optional>

#include "config/diagnostics.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

std::optional<std::uint32_t> read_table(Diagnostics& diagnostics, const Token& token);
/// RT_SCOPE_*
std::optional<std::uint8_t> read_scope(Diagnostics& diagnostics, const Token& token);
/// RTPROT_*: who installed a route.
std::optional<std::uint8_t> read_route_protocol(Diagnostics& diagnostics, const Token& token);
std::optional<std::uint8_t> read_tos(Diagnostics& diagnostics, const Token& token);
/// A group of devices.
std::optional<std::uint32_t> read_device_group(Diagnostics& diagnostics, const Token& token);
/// "TO" or "FROM/TO", each a realm: FROM << 16 | TO.
std::optional<std::uint32_t> read_realms(Diagnostics& diagnostics, const Token& token);
/// An IP protocol; its names are those of /etc/protocols.
std::optional<std::uint8_t> read_ip_protocol(Diagnostics& diagnostics, const Token& token);

} // namespace xvrrp::config
