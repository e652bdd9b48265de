// SPDX-License-Identifier: BSD-2-Clause
// What the election thread publishes of a virtual router.
#pragma once

#include <cstdint>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/time.hpp>

#include "core/types.hpp"

namespace xvrrp::election {

struct Frames;
struct Plan;

/// What the election thread tells of a virtual router; a copy, consistent in itself.
struct RouterStatus {
  core::State state = core::State::Init;
  core::Reason reason = core::Reason::Shutdown;
  std::uint8_t master_priority = 0;
  std::uint8_t heard_priority = 0; ///< that of the last Master that we were a Backup of; 0: none yet
  bool master_known = false;
  bool resigns = false; ///< Master until its successor is heard
  Instant since{};
  IpAddress master_address;
  Nanoseconds master_adver_interval{};
  Nanoseconds skew_time{};
  Nanoseconds master_down_interval{};
  std::uint64_t transitions = 0;        ///< so many so far; see Told
  std::uint64_t adverts_sent = 0;       ///< that left, for one destination at least
  std::uint64_t priority_zero_sent = 0; ///< of them
  std::uint64_t adverts_refused = 0;    ///< that the kernel did not take, for one destination at least
  int advert_error = 0;                 ///< why it did not take the last one; 0: it did
  std::uint64_t roles_refused = 0;      ///< how often the data plane did not take our role, or configuration
  int role_error = 0;                   ///< why it has another one; 0: it has ours
  std::uint64_t became_master = 0;
  std::uint64_t paced_announcements_asked = 0; ///< how often; see PacedAnnouncer
  std::uint64_t losing_adverts = 0;            ///< heard as Master, of whom they do not make a Backup
  core::Reason master_reason =
      core::Reason::Shutdown;     ///< of the last time we became Master; before: Shutdown
  const Frames* frames = nullptr; ///< in use; manager thread only
  const Plan* plan = nullptr;     ///< likewise
};

} // namespace xvrrp::election
