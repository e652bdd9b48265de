// SPDX-License-Identifier: BSD-2-Clause
// The virtual routers that the election thread runs, and everything that is sized by how many they are: a new
// configuration is a new fleet, in which routers that stay are the same objects.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "controller/deadline_heap.hpp"
#include "controller/messages.hpp"
#include "controller/outbox.hpp"
#include "controller/spsc_queue.hpp"
#include "controller/virtual_router.hpp"

namespace xvrrp::controller {

/// What a reload changes about a router that goes on. The router owns plan and frames
/// (VirtualRouter::keep()).
struct RouterChange {
  std::size_t router = 0; ///< index in the new fleet
  const RouterPlan* plan = nullptr;
  const Frames* frames = nullptr;
  platform::AddressBatch gone;             ///< what only the old plan has; to be removed by a Master
  platform::AddressBatch come;             ///< what only the new one has; to be installed by a Master
  std::vector<Announcement> announcements; ///< of the addresses that come
  bool has_ended = false;                  ///< the election thread's note: `gone` is removed
  bool restarts = false; ///< by its end and a new start: what changed is not to be changed in a Master
};

/// Timers of a router in Fleet::deadlines.
inline constexpr std::size_t kRetryTimer = core::kTimerCount;
inline constexpr std::size_t kTimersPerRouter = kRetryTimer + 1;

/// Built by the manager thread; then the election thread's, but for the manager's ends of the two queues and
/// what VirtualRouter leaves to others.
struct Fleet {
  /// Changes are of routers that an earlier fleet has run.
  explicit Fleet(std::vector<std::shared_ptr<VirtualRouter>> members, std::vector<RouterChange> changes = {});

  std::optional<std::size_t> find(const xv_vr_key& key) const noexcept;
  /// The router's key is that of its newest plan from now on.
  void use_key(std::size_t router, const xv_vr_key& key) noexcept;

  /// The routers of its sync group, itself among them; none if it is in no group.
  const std::vector<std::size_t>& group_of(std::size_t router) const noexcept {
    return groups_[group_[router]];
  }

  std::vector<std::shared_ptr<VirtualRouter>> routers;
  std::vector<RouterChange> changes;
  std::size_t changes_done = 0; ///< counts each change twice: what goes, then what comes
  Outbox::Room room;
  DeadlineHeap deadlines; ///< the core's timers, and one to tell the data plane again what it did not take
  SpscQueue<Command> commands;
  std::size_t room_for_transitions; ///< that no other report may take in `reports`
  SpscQueue<Report> reports;
  std::size_t reserved_commands;         ///< room in `commands` for LifeCycleCommand alone
  std::vector<PendingAdvert> adverts;    ///< of this turn
  std::vector<std::size_t> role_changes; ///< routers whose role the data plane must learn in this turn

private:
  std::vector<std::pair<xv_vr_key, std::size_t>> index_; ///< by key, sorted
  std::vector<std::vector<std::size_t>> groups_{1};      ///< the first one is empty
  std::vector<std::size_t> group_;                       ///< of each router
};

} // namespace xvrrp::controller
