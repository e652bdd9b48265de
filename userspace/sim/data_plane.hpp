// SPDX-License-Identifier: BSD-2-Clause
// The data plane of one node: the programs of bpf/lib, their maps, and the ring of events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/types.hpp"
#include "sim/programs.h"

namespace xvrrp::sim {

/// What a node's data plane is like.
enum class PlaneKind : std::uint8_t {
  KernelTimer, ///< it keeps Master_Down_Timer
  OwnTimer,    ///< PREEMPT_RT: the election keeps it, and asks when it is due
  /// No programs are in the way: the election hears of every advert at once, keeps the timer, and has nobody
  /// to ask. There is no such kernel; what the protocol alone does wrong shows here.
  EveryAdvert,
};

const char* name(PlaneKind kind); ///< "kernel timer"

class DataPlane {
public:
  DataPlane(PlaneKind kind, const std::vector<core::RouterConfig>& routers);
  DataPlane(const DataPlane&) = delete;
  DataPlane& operator=(const DataPlane&) = delete;

  PlaneKind kind() const { return kind_; }
  static xv_vr_key key(std::size_t router, Family family);

  // ---- the network and the clock ----
  /// A valid advert of the router; the interval that it teaches (rules/pace.h, rules/patience.h).
  Nanoseconds hear(std::size_t router, const core::Advert& advert, Instant now);
  /// When the timer fires that was started.
  std::optional<Instant> next_timer() const;
  void fire(Instant now);
  /// Power is off.
  void forget();

  // ---- the election ----
  bool has_events() const { return next_event_ < ring_.size(); }
  std::optional<xv_event> pop_event();
  std::optional<xv_vr_live> live(std::size_t router) const; ///< EveryAdvert: none
  std::uint64_t& lease(std::size_t slot) { return leases_[slot]; }
  std::uint64_t lease(std::size_t slot) const { return leases_[slot]; }
  int run(xv_command& command, Instant now); ///< 0 or an errno
  void configure(std::size_t router, const core::RouterConfig& config, bool preempts);

  /// Events that the ring had no room for.
  std::uint64_t lost_events() const;
  /// Adverts that were news, but over the limit of events.
  std::uint64_t limited() const { return maps_.limited; }
  /// As it is, for whoever compares states.
  const xv_vr_live& raw(std::size_t router) const { return lives_[router]; }
  xv_role role(std::size_t router) const {
    return has_live_[router] ? static_cast<xv_role>(lives_[router].role) : XV_ROLE_STOPPED;
  }

private:
  void clear_ring() { ring_.clear(), next_event_ = 0; }
  void tell(std::size_t router, const core::Advert& advert, Nanoseconds interval, Instant now);

  PlaneKind kind_;
  std::vector<xv_vr_key> keys_;
  std::vector<xv_vr_config> configs_;
  std::vector<xv_vr_live> lives_;
  std::vector<std::uint8_t> has_live_;
  std::vector<std::uint64_t> leases_;
  std::vector<xv_event> ring_;
  std::size_t next_event_ = 0;
  std::size_t room_; ///< so many events may wait
  sim_maps maps_{};
};

} // namespace xvrrp::sim
