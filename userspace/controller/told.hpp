// SPDX-License-Identifier: BSD-2-Clause
// How far the manager thread has got in telling of a virtual router's transitions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "controller/election_names.hpp"
#include "election/messages.hpp"
#include "election/router_status.hpp"

namespace xvrrp::controller {

/// Reports bring transitions in order, but a full queue drops some; the published status counts them all and
/// has the latest state. Between them no last state is lost, and what is lost is counted. Manager thread.
class Told {
public:
  /// A transition was reported. False: it was told already, for the status was quicker.
  bool hear(const Transition& transition);
  /// What is left to tell after every report that was there when `status` was read: the latest transition, if
  /// its report was lost.
  std::optional<Transition> catch_up(std::size_t router, const RouterStatus& status);
  /// How many were lost before those told since it was asked last.
  std::uint64_t take_lost() { return std::exchange(lost_, 0); }
  /// So many are told or lost.
  std::uint64_t transitions() const { return transitions_; }
  core::State state() const { return state_; } ///< after them

private:
  std::uint64_t transitions_ = 0;
  std::uint64_t lost_ = 0;
  core::State state_ = core::State::Init;
};

} // namespace xvrrp::controller
