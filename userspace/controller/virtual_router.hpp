// SPDX-License-Identifier: BSD-2-Clause
// A virtual router at run time: the protocol, what it sends, and what others may read of it.
#pragma once

#include <cstdint>

#include "controller/plan.hpp"
#include "controller/published.hpp"
#include "core/router.hpp"

namespace xvrrp::controller {

/// What the election thread tells of a virtual router; a copy, consistent in itself.
struct RouterStatus {
  core::State state = core::State::Init;
  core::Reason reason = core::Reason::Shutdown;
  std::uint8_t master_priority = 0;
  bool master_known = false;
  Instant since{};
  IpAddress master_address;
  Nanoseconds master_adver_interval{};
  Nanoseconds skew_time{};
  Nanoseconds master_down_interval{};
  std::uint64_t adverts_sent = 0;
  std::uint64_t priority_zero_sent = 0;
  std::uint64_t became_master = 0;
};

/// Owned by the election thread, but for status(), which any thread may read. Neither copied nor moved.
class VirtualRouter {
public:
  explicit VirtualRouter(RouterPlan plan) : plan_(std::move(plan)), router_(plan_.instance.router) {
    publish();
  }
  VirtualRouter(const VirtualRouter&) = delete;
  VirtualRouter& operator=(const VirtualRouter&) = delete;

  const RouterPlan& plan() const { return plan_; } ///< never changes
  RouterStatus status() const { return published_.read(); }

  // ---- election thread only ----
  core::Router& router() { return router_; }
  const core::Router& router() const { return router_; }
  RouterStatus& counters() { return counters_; }
  /// Lets the other threads see the present state.
  void publish() noexcept;

  bool kernel_preempts = false; ///< Preempt_Mode as the data plane has it
  bool role_pending = false;    ///< a role command is due at the end of this turn

private:
  const RouterPlan plan_;
  core::Router router_;
  RouterStatus counters_; ///< only the counters are kept here; the rest is filled in by publish()
  Published<RouterStatus> published_;
};

} // namespace xvrrp::controller
