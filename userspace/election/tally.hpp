// SPDX-License-Identifier: BSD-2-Clause
// What the election thread counts of a virtual router for the metrics alone.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/types.hpp"

namespace xvrrp::election {

/// Fixed counters, each whole by itself: the election thread adds (a load and a store, no lock), any thread
/// reads.
class Tally {
public:
  /// Upper bounds of the buckets of lateness; the last bucket, beyond them, has none.
  static constexpr std::array<Nanoseconds, 10> kLatenessBounds{
      std::chrono::microseconds{20},  std::chrono::microseconds{50},  std::chrono::microseconds{100},
      std::chrono::microseconds{250}, std::chrono::microseconds{500}, std::chrono::milliseconds{1},
      std::chrono::milliseconds{5},   std::chrono::milliseconds{20},  std::chrono::milliseconds{100},
      std::chrono::milliseconds{500}};
  static constexpr std::size_t kBuckets = kLatenessBounds.size() + 1;

  // ---- election thread ----
  void note_transition(core::State to, core::Reason reason) noexcept {
    add(transitions_[static_cast<std::size_t>(to)][static_cast<std::size_t>(reason)], 1);
  }
  /// Advertisement_Timer was taken up so long after it was due.
  void note_lateness(Nanoseconds late) noexcept {
    std::size_t bucket = 0;
    while (bucket < kLatenessBounds.size() && late > kLatenessBounds[bucket])
      ++bucket;
    add(lateness_[bucket], 1);
    add(lateness_sum_, static_cast<std::uint64_t>(late.count()));
  }

  // ---- any thread ----
  std::uint64_t transitions(core::State to, core::Reason reason) const noexcept {
    return transitions_[static_cast<std::size_t>(to)][static_cast<std::size_t>(reason)].load(
        std::memory_order_relaxed);
  }
  /// How often it was in the bucket; not cumulative.
  std::uint64_t lateness(std::size_t bucket) const noexcept {
    return lateness_[bucket].load(std::memory_order_relaxed);
  }
  Nanoseconds lateness_sum() const noexcept {
    return Nanoseconds{static_cast<std::int64_t>(lateness_sum_.load(std::memory_order_relaxed))};
  }

private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter, std::uint64_t amount) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }

  std::array<std::array<Counter, core::kReasonCount>, core::kStateCount> transitions_{};
  std::array<Counter, kBuckets> lateness_{};
  Counter lateness_sum_{0};
};

} // namespace xvrrp::election
