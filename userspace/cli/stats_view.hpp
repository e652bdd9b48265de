// SPDX-License-Identifier: BSD-2-Clause
// The data plane's counters, for people and for machines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/address.hpp>

#include "cli/json.hpp"

namespace xvrrp::cli {

/// Packets of no configured virtual router. Interfaces are named as PlaceNames does.
struct InterfaceCounters {
  std::string interface;
  xv_stats stats{};
};

/// What xvrrpd counts itself.
struct DaemonCounters {
  std::uint64_t adverts_sent = 0;
  std::uint64_t priority_zero_sent = 0;
  std::uint64_t became_master = 0;
  std::string new_master_reason; ///< as RFC 6527 names it
};

struct RouterCounters {
  std::string interface;
  std::uint8_t vrid = 0;
  Family family = Family::IPv4;
  std::uint16_t vlan = 0;
  std::uint16_t inner_vlan = 0;
  xv_stats stats{};
  std::optional<DaemonCounters> daemon; ///< absent: no xvrrpd runs it
};

struct StatsSample {
  std::string instance;
  std::vector<InterfaceCounters> interfaces;
  std::vector<RouterCounters> routers;
};

Json stats_json(const StatsSample& sample);
/// Only the counters that are not zero, each with its meaning.
std::string stats_text(const StatsSample& sample, bool colours);
/// Every counter of RFC 6527, also those that are zero.
std::string rfc6527_text(const StatsSample& sample, bool colours);

/// "ipv4" or "ipv6", as in JSON.
const char* family_name(Family family);

} // namespace xvrrp::cli
