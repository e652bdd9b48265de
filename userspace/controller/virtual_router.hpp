// SPDX-License-Identifier: BSD-2-Clause
// A virtual router at run time: the protocol, what it sends, and what others may read of it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "controller/history.hpp"
#include "controller/messages.hpp"
#include "controller/plan.hpp"
#include "controller/published.hpp"
#include "controller/tally.hpp"
#include "controller/told.hpp"
#include "controller/virtual_router_status.hpp"
#include "core/router.hpp"

namespace xvrrp::controller {

/// Owned by the election thread, but for status() and tally(), which any thread may read. Neither copied nor
/// moved.
class VirtualRouter {
public:
  explicit VirtualRouter(RouterPlan plan);
  VirtualRouter(const VirtualRouter&) = delete;
  VirtualRouter& operator=(const VirtualRouter&) = delete;

  RouterStatus status() const { return published_.read(); }
  const Tally& tally() const { return tally_; }

  // ---- manager thread only ----
  const Frames& newest_frames() const { return *frames_.back(); }
  const RouterPlan& newest_plan() const { return *plans_.back(); }
  /// Owns `frames` for as long as the election thread may use them; it learns of them by UseFrames.
  const Frames* keep(Frames frames);
  /// Takes back what was kept last, of which the election thread did not learn.
  void drop_newest_frames() { frames_.pop_back(); }
  void drop_newest_plan() { plans_.pop_back(); }
  /// The same, by UsePlan. The instance is the same as before.
  const RouterPlan* keep(RouterPlan plan);
  Told told;
  std::uint64_t told_losing_adverts = 0;       ///< so many of them
  std::optional<std::uint8_t> wished_priority; ///< the operator's, in place of the configured one
  std::optional<core::State> notified;         ///< what scripts and pipes were told last; absent: nothing
  /// What its effective priority begins with.
  std::uint8_t base_priority(const config::Instance& instance) const {
    return wished_priority.value_or(instance.router.priority);
  }
  History history;

  // ---- election thread only ----
  core::Router& router() { return router_; }
  const core::Router& router() const { return router_; }
  RouterStatus& counters() { return counters_; }
  Tally& tally() { return tally_; }
  const Frames& frames() const { return *frames_in_use_; }
  void use(const Frames* frames) { frames_in_use_ = frames; }
  const RouterPlan& plan() const { return *plan_in_use_; }
  void use(const RouterPlan* plan) { plan_in_use_ = plan; }
  /// The adverts to send now, in the form that checksum_form asks for.
  const AdvertSet& advert_set() const { return frames_in_use_->form(hears_message_only); }
  /// Has the manager thread announce the addresses that leave with pauses between them.
  void ask_for_paced_announcements() noexcept {
    ++counters_.paced_announcements_asked;
    publish();
  }
  /// Lets the other threads see the present state.
  void publish() noexcept;

  bool kernel_preempts = false;                    ///< Preempt_Mode as the data plane has it
  xv_role told_role = XV_ROLE_STOPPED;             ///< as the data plane has it
  std::uint64_t advert_batch = 0;                  ///< batch that its advert was last put in; 0: none
  std::uint32_t recording = 0;                     ///< that its steps are taped for; 0: none
  std::uint32_t recorded_as = 0;                   ///< what the tape calls it
  bool role_pending = false;                       ///< a role command is due at the end of this turn
  bool config_refused = false;                     ///< the data plane did not take the last one
  bool hears_message_only = false;                 ///< the checksum form of the v3/IPv4 advert heard last
  std::array<Instant, kRemarkKinds> next_remark{}; ///< when a remark of each kind may be made again

private:
  // Oldest first; the newest may not be in use yet.
  std::deque<std::unique_ptr<const RouterPlan>> plans_;
  std::deque<std::unique_ptr<const Frames>> frames_;
  const RouterPlan* plan_in_use_;
  const Frames* frames_in_use_;
  core::Router router_;
  RouterStatus counters_; ///< only the counters are kept here; the rest is filled in by publish()
  Published<RouterStatus> published_;
  Tally tally_;
};

} // namespace xvrrp::controller
