// SPDX-License-Identifier: BSD-2-Clause
// A virtual router as the election runs it: the protocol, and what others may read of it.
#pragma once

#include <array>
#include <cstdint>

#include "core/router.hpp"
#include "election/messages.hpp"
#include "election/plan.hpp"
#include "election/published.hpp"
#include "election/router_status.hpp"
#include "election/tally.hpp"

namespace xvrrp::election {

/// Owned by the election thread, but for status() and tally(), which any thread may read. Neither copied nor
/// moved.
class Participant {
public:
  /// Plan and frames outlive their use.
  Participant(const core::RouterConfig& config, const Plan* plan, const Frames* frames);
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  RouterStatus status() const { return published_.read(); }
  const Tally& tally() const { return tally_; }

  // ---- election thread only ----
  core::Router& router() { return router_; }
  const core::Router& router() const { return router_; }
  RouterStatus& counters() { return counters_; }
  Tally& tally() { return tally_; }
  const Plan& plan() const { return *plan_; }
  void use(const Plan* plan) { plan_ = plan; }
  const Frames& frames() const { return *frames_; }
  void use(const Frames* frames) { frames_ = frames; }
  /// Lets the other threads see the present state.
  void publish() noexcept;

  bool kernel_preempts = false;        ///< Preempt_Mode as the data plane has it
  xv_role told_role = XV_ROLE_STOPPED; ///< as the data plane has it
  std::uint64_t advert_batch = 0;      ///< batch that its advert was last put in; 0: none
  std::uint32_t recording = 0;         ///< that its steps are taped for; 0: none
  std::uint32_t recorded_as = 0;       ///< what the tape calls it
  bool role_pending = false;           ///< a role command is due at the end of this turn
  bool config_refused = false;         ///< the data plane did not take the last one
  bool hears_message_only = false;     ///< the checksum form of the v3/IPv4 advert heard last
  bool claimed = false;                ///< Master: somebody claims an address, and is not answered
  Instant next_defence{};              ///< when he may be
  std::array<Instant, kRemarkKinds> next_remark{}; ///< when a remark of each kind may be made again

private:
  const Plan* plan_;
  const Frames* frames_;
  core::Router router_;
  RouterStatus counters_; ///< only the counters are kept here; the rest is filled in by publish()
  Published<RouterStatus> published_;
  Tally tally_;
};

} // namespace xvrrp::election
