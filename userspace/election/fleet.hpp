// SPDX-License-Identifier: BSD-2-Clause
// The virtual routers that the election runs, and everything that is sized by how many they are: a new
// configuration is a new fleet, in which routers that stay are the same objects.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "election/bounded_list.hpp"
#include "election/deadline_heap.hpp"
#include "election/effects.hpp"
#include "election/messages.hpp"
#include "election/outbox.hpp"
#include "election/participant.hpp"
#include "election/spsc_queue.hpp"

namespace xvrrp::election {

/// Timers of a router in Fleet::deadlines: the core's, and one to tell the data plane again what it did not
/// take.
inline constexpr std::size_t kRetryTimer = core::kTimerCount;
inline constexpr std::size_t kTimersPerRouter = kRetryTimer + 1;

/// Built by the manager thread; then the election thread's, but for the manager's ends of the two queues.
struct Fleet {
  struct Member {
    Participant* router = nullptr;
    xv_vr_key key{};
    std::string group; ///< sync group; empty: none
  };
  /// Changes are of routers that an earlier fleet has run.
  explicit Fleet(const std::vector<Member>& members, std::vector<RouterChange*> changes = {});

  std::optional<std::size_t> find(const xv_vr_key& key) const noexcept;
  /// The router has this key from now on.
  void use_key(std::size_t router, const xv_vr_key& key) noexcept;

  /// The routers of its sync group, itself among them; none if it is in no group.
  const std::vector<std::size_t>& group_of(std::size_t router) const noexcept {
    return groups_[group_[router]];
  }

  std::vector<Participant*> members;
  std::vector<RouterChange*> changes;
  std::size_t changes_done = 0; ///< counts each change twice: what goes, then what comes
  Outbox::Room room;
  DeadlineHeap deadlines;
  SpscQueue<Command> commands;
  std::size_t room_for_transitions; ///< that no other report may take in `reports`
  SpscQueue<Report> reports;
  std::size_t reserved_commands;         ///< room in `commands` for LifeCycleCommand alone
  BoundedList<std::size_t> role_changes; ///< routers whose role the data plane must learn in this turn

private:
  std::vector<std::pair<xv_vr_key, std::size_t>> index_; ///< by key, sorted
  std::vector<std::vector<std::size_t>> groups_{1};      ///< the first one is empty
  std::vector<std::size_t> group_;                       ///< of each router
};

} // namespace xvrrp::election
