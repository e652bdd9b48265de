// SPDX-License-Identifier: BSD-2-Clause
// The data plane's reasons as people see them: the table of xvrrp/abi/reasons.h.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include <xvrrp/abi/types.h>

namespace xvrrp::dataplane {

struct ReasonInfo {
  xv_reason reason;
  enum class Kind : std::uint8_t { Bad, Advert, Note, Guard } kind;
  const char* name;        ///< as in xv_stats and in `vrrpctl stats --json`: "unknown_vrid"
  const char* description; ///< a clause with the RFC section where there is one
};

/// Every reason, by number. Static storage.
std::span<const ReasonInfo> reasons();
/// "unknown" for a number that this build does not know.
const char* reason_name(std::uint32_t reason);
const char* reason_description(std::uint32_t reason);

/// The counters of a stats value as an array indexed by reason.
inline std::array<__u64, XV_REASON_COUNT> counters_of(const xv_stats& stats) {
  return std::bit_cast<std::array<__u64, XV_REASON_COUNT>>(stats);
}

} // namespace xvrrp::dataplane
