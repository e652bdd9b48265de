// SPDX-License-Identifier: BSD-2-Clause
// What happens next. Of two things at one moment the one that was scheduled first happens first, so that the
// order never depends on the queue's insides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/clock.hpp"

namespace xvrrp::sim {

struct Scheduled {
  enum class Kind : std::uint32_t { Arrival, Timer };

  Moment at;
  std::uint64_t sequence;
  Kind kind;
  std::uint32_t target; ///< the router
  std::uint32_t detail; ///< Arrival: the message; Timer: which one and its ticket
};

/// A heap of arity four: half as deep as a binary one, and its children share a cache line or two.
class EventQueue {
public:
  bool empty() const { return heap_.empty(); }
  const Scheduled& top() const { return heap_.front(); }

  void push(Moment at, Scheduled::Kind kind, std::uint32_t target, std::uint32_t detail) {
    const Scheduled event{at, next_sequence_++, kind, target, detail};
    std::size_t hole = heap_.size();
    heap_.push_back(event);
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / kArity;
      if (!before(event, heap_[parent]))
        break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = event;
  }

  Scheduled pop() {
    const Scheduled first = heap_.front();
    const Scheduled last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty())
      sink(last);
    return first;
  }

private:
  static constexpr std::size_t kArity = 4;

  static bool before(const Scheduled& a, const Scheduled& b) {
    return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
  }

  void sink(const Scheduled& event) {
    std::size_t hole = 0;
    while (hole * kArity + 1 < heap_.size()) {
      const std::size_t first = hole * kArity + 1;
      const std::size_t end = first + kArity < heap_.size() ? first + kArity : heap_.size();
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child) {
        if (before(heap_[child], heap_[least]))
          least = child;
      }
      if (!before(heap_[least], event))
        break;
      heap_[hole] = heap_[least];
      hole = least;
    }
    heap_[hole] = event;
  }

  std::vector<Scheduled> heap_;
  std::uint64_t next_sequence_ = 0;
};

} // namespace xvrrp::sim
