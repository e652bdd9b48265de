// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/rfc6527.hpp"

#include <algorithm>
#include <array>

#include "dataplane/reasons.hpp"

namespace xvrrp::dataplane {
namespace {

constexpr std::array kChecksum{XV_checksum};
constexpr std::array kVersion{XV_version};
constexpr std::array kVrid{XV_unknown_vrid};
constexpr std::array kReceived{XV_observed,     XV_backup_restart, XV_backup_skew, XV_backup_ignore,
                               XV_master_heard, XV_master_limited, XV_v2_shadowed, XV_other_resigned};
constexpr std::array kInterval{XV_interval_differs, XV_v2_interval, XV_zero_interval};
constexpr std::array kTtl{XV_ttl};
constexpr std::array kPriorityZero{XV_priority_zero};
constexpr std::array kType{XV_type};
constexpr std::array kAddresses{XV_address_list, XV_strict_addresses};
constexpr std::array kLength{XV_truncated, XV_length, XV_too_long, XV_no_addresses};

using Scope = MibCounter::Scope;
constexpr std::array<MibCounter, 10> kCounters{{
    {"vrrpv3RouterChecksumErrors", Scope::Host, kChecksum},
    {"vrrpv3RouterVersionErrors", Scope::Host, kVersion},
    {"vrrpv3RouterVrIdErrors", Scope::Host, kVrid},
    {"vrrpv3StatisticsRcvdAdvertisements", Scope::Router, kReceived},
    {"vrrpv3StatisticsAdvIntervalErrors", Scope::Router, kInterval},
    {"vrrpv3StatisticsIpTtlErrors", Scope::Router, kTtl},
    {"vrrpv3StatisticsRcvdPriZeroPackets", Scope::Router, kPriorityZero},
    {"vrrpv3StatisticsRcvdInvalidTypePackets", Scope::Router, kType},
    {"vrrpv3StatisticsAddressListErrors", Scope::Router, kAddresses},
    {"vrrpv3StatisticsPacketLengthErrors", Scope::Router, kLength},
}};

} // namespace

std::span<const MibCounter> mib_counters() {
  return kCounters;
}

std::uint64_t value_of(const MibCounter& counter, const xv_stats& stats) {
  const auto counters = counters_of(stats);
  std::uint64_t sum = 0;
  for (const auto reason : counter.reasons)
    sum += counters[reason];
  return sum;
}

std::uint64_t value_of(std::string_view name, const xv_stats& stats) {
  const auto* const found = std::find_if(kCounters.begin(), kCounters.end(),
                                         [&](const MibCounter& counter) { return name == counter.name; });
  return found == kCounters.end() ? 0 : value_of(*found, stats);
}

} // namespace xvrrp::dataplane
