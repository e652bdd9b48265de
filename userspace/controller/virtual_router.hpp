// SPDX-License-Identifier: BSD-2-Clause
// A virtual router at run time: what the election has of it, its plans and what it sends.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "controller/election_names.hpp"
#include "controller/frames.hpp"
#include "controller/history.hpp"
#include "controller/plan.hpp"
#include "controller/told.hpp"
#include "election/participant.hpp"

namespace xvrrp::controller {

/// A router of the election with what it is made of. Neither copied nor moved.
class VirtualRouter : public Participant {
public:
  static std::shared_ptr<VirtualRouter> create(RouterPlan plan);

  // ---- manager thread only ----
  const Frames& newest_frames() const { return *frames_.back(); }
  const RouterPlan& newest_plan() const { return *plans_.back(); }
  /// Owns `frames` for as long as the election thread may use them; it learns of them by UseFrames.
  const Frames* keep(Frames frames);
  /// The same, by UsePlan. The instance is the same as before.
  const RouterPlan* keep(RouterPlan plan);
  /// Takes back what was kept last, of which the election thread did not learn.
  void drop_newest_frames() { frames_.pop_back(); }
  void drop_newest_plan() { plans_.pop_back(); }
  Told told;
  std::uint64_t told_losing_adverts = 0;       ///< so many of them
  std::optional<std::uint8_t> wished_priority; ///< the operator's, in place of the configured one
  std::optional<core::State> notified;         ///< what scripts and pipes were told last; absent: nothing
  /// What its effective priority begins with.
  std::uint8_t base_priority(const config::Instance& instance) const {
    return wished_priority.value_or(instance.router.priority);
  }
  History history;

private:
  VirtualRouter(std::unique_ptr<const RouterPlan> plan, std::unique_ptr<const Frames> frames);

  // Oldest first; the newest may not be in use yet.
  std::deque<std::unique_ptr<const RouterPlan>> plans_;
  std::deque<std::unique_ptr<const Frames>> frames_;
};

/// What is in use; manager thread only.
inline const Frames& frames_of(const RouterStatus& status) {
  return static_cast<const Frames&>(*status.frames);
}
inline const RouterPlan& plan_of(const RouterStatus& status) {
  return static_cast<const RouterPlan&>(*status.plan);
}

} // namespace xvrrp::controller
