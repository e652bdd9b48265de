// SPDX-License-Identifier: BSD-2-Clause
// What a daemon knows that neither the configuration nor the kernel tells: written down for the one that
// comes after it, by a handover or because it was killed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

#include "config/model.hpp"
#include "controller/history.hpp"
#include "core/types.hpp"

namespace xvrrp::controller {

/// What tracking knows; by the names of vrrp_script and vrrp_track_process.
struct CarriedTracking {
  /// A check, which is believed of a script of that name with the same command only.
  struct Check {
    std::vector<std::string> command;
    bool up = false;
    unsigned against = 0; ///< results in a row that speak against `up`
  };
  std::map<std::string, Check> scripts;
  std::map<std::string, bool> processes; ///< whether enough of them run
  std::set<std::string> files;           ///< paths that init_file was heeded for
};

/// Plain values; any thread.
struct CarriedState {
  /// Of a virtual router, which keeps its interface, family and VRID whatever its name.
  struct Router {
    std::string interface;
    Family family = Family::IPv4;
    std::uint8_t vrid = 0;
    bool drained = false;                        ///< by the operator
    std::optional<std::uint8_t> wished_priority; ///< the operator's, 1..254
    std::optional<core::State> told;             ///< what scripts and pipes were told last; absent: nothing
    std::vector<PastTransition> latest;          ///< oldest first; in a handover only
    std::uint64_t transitions = 0;               ///< how many there were, with those that are in `latest`

    bool is(const config::Instance& instance) const {
      return interface == instance.interface && family == instance.router.family &&
             vrid == instance.router.vrid;
    }
  };
  std::vector<Router> routers;
  std::map<std::string, core::State> groups; ///< sync groups, as scripts were told
  CarriedTracking tracking;

  /// One line of JSON. `boot` is this boot of the machine, beyond which no moment means anything.
  std::string text(const std::string& boot) const;
  /// Whatever the text is, this answers; the error says why it cannot be used: another version, another boot,
  /// or what is wrong with it.
  static Result<CarriedState> read(std::string_view text, const std::string& boot);
};

} // namespace xvrrp::controller
