// SPDX-License-Identifier: BSD-2-Clause
// The deadlines of all timers that user space keeps, earliest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <xvrrp/base/time.hpp>

#include "election/bounded_list.hpp"

namespace xvrrp::election {

/// A binary heap over a fixed set of timers 0..count-1, each armed at most once; O(log n), no allocation
/// after construction. One thread.
class DeadlineHeap {
public:
  explicit DeadlineHeap(std::size_t count) : heap_(count), position_(count, kNotArmed) {}

  /// Arms `timer`, or moves its deadline.
  void arm(std::size_t timer, Instant at) noexcept {
    std::size_t index = position_[timer];
    if (index == kNotArmed) {
      index = heap_.size();
      heap_.push({at, timer});
      position_[timer] = index;
    }
    heap_[index].at = at;
    sift_down(sift_up(index));
  }

  void disarm(std::size_t timer) noexcept {
    const std::size_t index = position_[timer];
    if (index == kNotArmed)
      return;
    position_[timer] = kNotArmed;
    const Entry last = heap_[heap_.size() - 1];
    heap_.pop();
    if (last.timer == timer)
      return;
    place(index, last);
    sift_down(sift_up(index));
  }

  std::optional<Instant> earliest() const noexcept {
    return heap_.empty() ? std::nullopt : std::optional{heap_[0].at};
  }

  /// Disarms and returns the earliest timer that is due at `now`.
  std::optional<std::size_t> pop_due(Instant now) noexcept {
    if (heap_.empty() || heap_[0].at > now)
      return std::nullopt;
    const std::size_t timer = heap_[0].timer;
    disarm(timer);
    return timer;
  }

private:
  struct Entry {
    Instant at{};
    std::size_t timer = 0;
  };
  static constexpr std::size_t kNotArmed = SIZE_MAX;

  void place(std::size_t index, const Entry& entry) {
    heap_[index] = entry;
    position_[entry.timer] = index;
  }
  std::size_t sift_up(std::size_t index) {
    while (index > 0 && heap_[index].at < heap_[(index - 1) / 2].at) {
      exchange(index, (index - 1) / 2);
      index = (index - 1) / 2;
    }
    return index;
  }
  void sift_down(std::size_t index) {
    for (;;) {
      std::size_t least = index;
      for (std::size_t child = 2 * index + 1; child <= 2 * index + 2 && child < heap_.size(); ++child) {
        if (heap_[child].at < heap_[least].at)
          least = child;
      }
      if (least == index)
        return;
      exchange(index, least);
      index = least;
    }
  }
  void exchange(std::size_t a, std::size_t b) {
    const Entry entry = heap_[a];
    place(a, heap_[b]);
    place(b, entry);
  }

  BoundedList<Entry> heap_;
  std::vector<std::size_t> position_; ///< of each timer in heap_
};

} // namespace xvrrp::election
