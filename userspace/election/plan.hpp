// SPDX-License-Identifier: BSD-2-Clause
// What the election knows of a router's plan and frames. What else there is to them is the business of
// whoever carries its effects out.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/time.hpp>

#include "core/types.hpp"

namespace xvrrp::election {

/// One virtual router on the interfaces that there are.
struct Plan {
  xv_vr_key key{};
  std::uint32_t ifindex = 0; ///< 0: there is no such interface
  std::uint32_t lease_slot = 0;
  Nanoseconds lease{}; ///< how long an advert of ours lets us be Master; zero: for ever
  /// What an earlier xvrrpd left in the data plane: it goes on from there.
  bool resumes = false;
};

/// The default of lease_ms: half an Advertisement_Interval less than Master_Down_Interval without its
/// Skew_Time, so that it is over before any Backup that hears our adverts takes over, and the election thread
/// may be late by one and a half intervals. With down_timer_adverts 1 there is no such room: a quarter over
/// the interval.
Nanoseconds default_lease(const core::RouterConfig& router);

/// What a router sends: adverts and announcements. Opaque here.
struct Frames {};

/// What a reload changes about a router that goes on. Whoever makes the fleet owns it, plan and frames.
struct RouterChange {
  std::size_t router = 0; ///< index in the new fleet
  const Plan* plan = nullptr;
  const Frames* frames = nullptr;
  core::RouterConfig config; ///< with source and priority as they are now
  bool has_ended = false;    ///< the election's note: a Master's addresses of the old plan alone are removed
  bool restarts = false;     ///< by its end and a new start: what changed is not to be changed in a Master
};

} // namespace xvrrp::election
