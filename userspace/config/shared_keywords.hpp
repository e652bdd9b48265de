// SPDX-License-Identifier: BSD-2-Clause
// Values of keywords that global_defs and vrrp_instance have alike. What is wrong is reported, and then
// `value` stays as it is.
#pragma once

#include <cstdint>
#include <optional>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"
#include "core/types.hpp"

namespace xvrrp::config {

std::optional<core::Version> read_version(Diagnostics& diagnostics, const Statement& statement);
void read_down_adverts(Diagnostics& diagnostics, const Statement& statement, std::uint8_t& value);
/// Whole seconds of a delay or a period of gratuitous ARP; 0 switches it off.
void read_garp_seconds(Diagnostics& diagnostics, const Statement& statement, Nanoseconds& value);
/// How often an announcement is repeated; 0 counts as 1.
void read_garp_count(Diagnostics& diagnostics, const Statement& statement, std::uint16_t& value);
/// How often one is repeated after an advert of lower priority; 0: not at all.
std::optional<std::uint16_t> read_lower_prio_repeat(Diagnostics& diagnostics, const Statement& statement);
/// v3_checksum_as_v2: yes or no as for read_bool(), or auto.
void read_checksum_form(Diagnostics& diagnostics, const Statement& statement, ChecksumForm& value);

} // namespace xvrrp::config
