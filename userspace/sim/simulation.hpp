// SPDX-License-Identifier: BSD-2-Clause
// One run: faults, then peace, in which convergence is demanded, and so on until the time is over.
#pragma once

#include <array>
#include <cstdint>

#include "sim/chaos.hpp"
#include "sim/checkers/verdict.hpp"
#include "sim/mutation.hpp"
#include "sim/scenario.hpp"

namespace xvrrp::sim {

struct RunOptions {
  std::uint64_t seed = 1;
  ScenarioShape shape;
  Nanoseconds duration{std::chrono::hours{1}}; ///< of simulated time; the last round is finished
};

struct RunReport {
  std::uint64_t seed = 0;
  std::uint64_t events = 0;
  std::uint64_t adverts = 0;
  std::uint64_t takeovers = 0;      ///< routers that became Master
  std::uint64_t rounds = 0;         ///< of faults and peace
  std::uint64_t groups_judged = 0;  ///< settled virtual routers that were looked at
  std::uint64_t groups_audited = 0; ///< virtual routers that should have been settled by then
  std::uint64_t successions = 0;    ///< losses of a Master in a sound network
  Nanoseconds simulated{};
  std::array<std::uint64_t, kFaultKinds> faults{};
  std::uint64_t digest = 0; ///< equal digests: the same run
  Verdict verdict;
};

/// `watcher` sees everything the checkers see; the run is the same with it and without. A `mutation` of
/// the protocol makes all nodes ones of PlaneKind::EveryAdvert.
RunReport run(const RunOptions& options, Observer* watcher = nullptr, Mutation* mutation = nullptr);

} // namespace xvrrp::sim
