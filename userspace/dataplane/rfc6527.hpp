// SPDX-License-Identifier: BSD-2-Clause
// Our counters under the names of RFC 6527 (VRRPV3-MIB).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <xvrrp/abi/types.h>

namespace xvrrp::dataplane {

/// A counter of the MIB and the reasons whose sum it is. Those of the daemon are not in this table.
struct MibCounter {
  const char* name; ///< "vrrpv3StatisticsIpTtlErrors"
  enum class Scope : std::uint8_t {
    Host,  ///< one number for the whole host, whatever virtual router or none the packets were for
    Router ///< one per virtual router
  } scope;
  std::span<const xv_reason> reasons;
};

/// Static storage.
std::span<const MibCounter> mib_counters();

/// The counter's value by these statistics.
std::uint64_t value_of(const MibCounter& counter, const xv_stats& stats);
/// The same by its name; 0 for a name that is not in the table.
std::uint64_t value_of(std::string_view name, const xv_stats& stats);

} // namespace xvrrp::dataplane
