// SPDX-License-Identifier: BSD-2-Clause
// What was heard on an interface, at a moment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

namespace xvrrp::cli {

struct HeardRouter {
  xv_vr_key key{};
  std::string interface; ///< the VLAN device's name, or as PlaceNames has it
  xv_hearing hearing{};
  bool configured = false; ///< ours, or shielded for another daemon

  Family family() const { return static_cast<Family>(key.family); }
  IpAddress master() const { return IpAddress::from_bytes(family(), hearing.master); }
  /// What the adverts say: v2 counts seconds, v3 centiseconds.
  Nanoseconds interval() const;
  Nanoseconds silence(Instant now) const;
  /// By the RFC's measure (skew apart) the Master is gone.
  bool is_silent(Instant now) const { return silence(now) > 3 * interval(); }
};

struct WatchSample {
  std::string instance;
  std::string interface;
  Instant now{};
  std::vector<HeardRouter> routers; ///< by VLAN, VRID, family
};

/// Reads the maps of `instance`, or without one of whichever instance is loaded on the interface of this
/// network namespace. NotRunning when none is.
Result<WatchSample> take_sample(const std::optional<std::string>& instance, const std::string& interface);

} // namespace xvrrp::cli
