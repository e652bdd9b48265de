// SPDX-License-Identifier: BSD-2-Clause
// Which script is run when: those of one virtual router one after the other, and not too many of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "platform/program.hpp"

namespace xvrrp::platform {

/// A program to be run once, for what it does.
struct Errand {
  std::string queue;     ///< those of one queue run one after the other, those of several side by side
  std::uint8_t kind = 0; ///< of those that wait, the last one of each kind is never given up
  bool once = false;     ///< left out when the last one that waits in the queue is the same
  bool at_end = false;   ///< it belongs to the end of the daemon
  Program program{};
};

/// What waits and what runs, by queue. Pure: runs nothing, reads no clock.
class ErrandQueues {
public:
  /// So many wait in one queue; then the oldest one goes that another of its kind has followed.
  static constexpr std::size_t kMostWaiting = 16;

  void push(Errand errand);
  /// The next of a queue in which nothing runs; it runs from now on.
  std::optional<Errand> take(const std::string& queue);
  /// What ran has ended.
  void end(const std::string& queue);

  /// Behind one that hung only the last of each kind are of interest.
  void keep_last(const std::string& queue);
  /// Only what belongs to the end waits any more.
  void keep_end();

  bool idle() const; ///< nothing runs or waits
  /// How many were given up in this queue since the last call.
  std::size_t take_skipped(const std::string& queue);
  std::uint64_t skipped() const { return skipped_; } ///< in all queues, ever

  /// All that wait, in the order of their queues.
  template <typename Function>
  void for_each_waiting(Function&& function) const {
    for (const auto& [name, queue] : queues_) {
      for (const auto& errand : queue.waiting)
        function(errand);
    }
  }

private:
  struct Queue {
    std::deque<Errand> waiting;
    bool runs = false;
    std::size_t skipped = 0;
  };
  void skip(Queue& queue, std::size_t count);
  void forget_idle(const std::string& name);
  std::map<std::string, Queue> queues_; ///< those in which something runs, waits or was given up
  std::uint64_t skipped_ = 0;
};

} // namespace xvrrp::platform
