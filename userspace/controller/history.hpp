// SPDX-License-Identifier: BSD-2-Clause
// What a virtual router went through, and why: for whoever asks afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "controller/election_names.hpp"
#include "election/messages.hpp"

namespace xvrrp::controller {

/// A transition, and what was known when the manager thread heard of it.
struct PastTransition {
  Transition transition;
  std::uint8_t priority; ///< the effective one
  std::string problem;   ///< FAULT: the sentence behind it; empty: the reason says it all
};

/// The latest transitions of a virtual router. Manager thread.
class History {
public:
  static constexpr std::size_t kKept = 64;

  History() = default;
  /// One that an earlier process began: so many transitions, of which these, at most kKept, were the latest.
  History(const std::vector<PastTransition>& latest, std::uint64_t count)
      : latest_(latest.begin(), latest.end()), count_(count) {}

  void add(PastTransition transition) {
    if (latest_.size() == kKept)
      latest_.pop_front();
    latest_.push_back(std::move(transition));
    ++count_;
  }
  const std::deque<PastTransition>& latest() const { return latest_; } ///< oldest first
  std::uint64_t count() const { return count_; }                       ///< with those that were forgotten

private:
  std::deque<PastTransition> latest_;
  std::uint64_t count_ = 0;
};

} // namespace xvrrp::controller
