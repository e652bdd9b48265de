// SPDX-License-Identifier: BSD-2-Clause
// What a checker notes of each router, by its seat; grows as routers show up.
#pragma once

#include <utility>
#include <vector>

#include "sim/observer.hpp"

namespace xvrrp::sim {

template <typename Note>
class PerSeat {
public:
  Note& operator[](const Seat& seat) {
    if (seat.index >= notes_.size())
      notes_.resize(seat.index + 1);
    return notes_[seat.index];
  }
  auto begin() { return notes_.begin(); }
  auto end() { return notes_.end(); }

private:
  std::vector<Note> notes_;
};

/// Which nodes are not given the processor.
class PausedNodes {
public:
  void set(std::uint32_t node, bool paused) {
    if (node >= paused_.size())
      paused_.resize(node + 1);
    paused_[node] = paused;
  }
  bool contains(std::uint32_t node) const { return node < paused_.size() && paused_[node]; }

private:
  std::vector<bool> paused_;
};

/// The state that a step entered, if it entered one.
inline const core::StateEntered* entered(const core::Actions& actions) {
  for (const auto& action : actions) {
    if (const auto* found = std::get_if<core::StateEntered>(&action))
      return found;
  }
  return nullptr;
}

template <typename T>
std::size_t count(const core::Actions& actions) {
  std::size_t found = 0;
  for (const auto& action : actions)
    found += std::holds_alternative<T>(action);
  return found;
}

} // namespace xvrrp::sim
