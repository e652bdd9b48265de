// SPDX-License-Identifier: BSD-2-Clause
// Every interleaving of one small virtual router, instead of many random ones of a large network.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.hpp"
#include "sim/checkers/verdict.hpp"
#include "sim/data_plane.hpp"
#include "sim/mutation.hpp"

namespace xvrrp::sim {

struct ExploreOptions {
  std::vector<core::RouterConfig> routers; ///< announcements should be off: they only multiply the states
  std::uint32_t depth = 10;                ///< choices in a row
  std::uint32_t faults = 1;                ///< crashes, shutdowns and interface faults on one path
  std::uint32_t losses = 1;                ///< packets lost on one path
  Nanoseconds longest_delay{std::chrono::milliseconds{5}};
  PlaneKind plane = PlaneKind::EveryAdvert; ///< of all of them
};

struct ExploreReport {
  std::uint64_t states = 0;      ///< that differ, by a hash of what can be observed of them
  std::uint64_t transitions = 0; ///< choices made
  std::uint64_t convergences = 0;
  Verdict verdict;
};

/// At any moment one of these can happen next: a router boots; a packet arrives, whichever of those under
/// way; a packet is lost; the earliest timer expires, or one of those that are due together, unless a packet
/// would have to be late; a router crashes, is shut down, loses its interface or gets it back. All of them
/// are tried, to the given depth; a state that was seen before is not tried again.
/// All clocks are equal.
///
/// On each path the checkers look at each step. From each state the network is healed and left alone, and
/// must converge.
ExploreReport explore(const ExploreOptions& options, Mutation* mutation = nullptr);

} // namespace xvrrp::sim
