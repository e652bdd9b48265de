// SPDX-License-Identifier: BSD-2-Clause
// What the dumps in keepalived's formats are made of: plain values, put together by the manager thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <xvrrp/abi/types.h>

#include "config/model.hpp"
#include "controller/plan.hpp"
#include "controller/tracking.hpp"
#include "controller/virtual_router.hpp"
#include "core/types.hpp"

namespace xvrrp::controller {

/// A virtual router.
struct DumpedRouter {
  const config::Instance& instance;
  RouterStatus status;
  xv_stats stats{};
  std::uint8_t effective_priority = 0;
  std::uint32_t ifindex = 0;
  IpAddress source;    ///< of our adverts; unspecified: there is none
  Nanoseconds since{}; ///< when its state began, of the epoch
  std::vector<TrackedThing> tracked;

  bool is_master() const { return status.state == core::State::Master; }
};

/// Under keepalived's names. It has more for authentication than we tell apart.
struct DumpedCounters {
  std::uint64_t advert_rcvd = 0;
  std::uint64_t advert_sent = 0;
  std::uint64_t become_master = 0;
  std::uint64_t release_master = 0;
  std::uint64_t packet_len_err = 0;
  std::uint64_t advert_interval_err = 0;
  std::uint64_t ip_ttl_err = 0;
  std::uint64_t invalid_type_rcvd = 0;
  std::uint64_t addr_list_err = 0;
  std::uint64_t authtype_mismatch = 0;
  std::uint64_t auth_failure = 0;
  std::uint64_t pri_zero_rcvd = 0;
  std::uint64_t pri_zero_sent = 0;
};
DumpedCounters counters_of(const DumpedRouter& router);

struct DumpedScript {
  const config::TrackScript& script;
  bool up = false;
  bool is_running = false;
};
struct DumpedGroup {
  const config::SyncGroup& group;
  core::State state = core::State::Init;
};

/// The references are into what the caller has.
struct DumpedState {
  const config::Configuration& configuration; ///< without its instances
  std::vector<DumpedRouter> routers;
  std::vector<DumpedScript> scripts;
  std::vector<DumpedGroup> groups;
  InterfaceMap interfaces;
};

/// How a file or a process that some router tracks is; null: none does.
const TrackedThing* find_tracked(const DumpedState& state, config::Tracked::Kind kind,
                                 const std::string& name);

/// INIT 0, BACKUP 1, MASTER 2, FAULT 3.
int number_of(core::State state);

/// In place of auth_pass, which is in no dump.
inline constexpr const char* kHidden = "********";

} // namespace xvrrp::controller
