// SPDX-License-Identifier: BSD-2-Clause
// A captured packet, for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/time.hpp>

namespace xvrrp::cli {

struct CapturedPacket {
  Nanoseconds since_epoch{};
  std::vector<std::uint8_t> bytes; ///< from the Ethernet header on
  std::uint32_t length = 0;        ///< of the whole packet
  struct Judgement {
    std::uint32_t reason = 0;  ///< enum xv_reason
    std::uint32_t verdict = 0; ///< enum xdp_action
  };
  std::optional<Judgement> judgement; ///< absent: this host sent it
};

/// "DROP checksum: VRRP checksum is wrong (RFC 9568 5.2.8)", "consumed backup_restart: ...", "PASS observed:
/// ...", "sent".
std::string verdict_text(const CapturedPacket& packet);

/// One line: local time of day, source, VLAN, VRID, priority, version, and what became of it.
std::string capture_line(const CapturedPacket& packet);

} // namespace xvrrp::cli
