// SPDX-License-Identifier: BSD-2-Clause
// A bounded queue between two threads, without locks and without allocation after construction.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <vector>

namespace xvrrp::election {

/// One thread pushes, one pops. A full queue refuses: what it could not take is the caller's to make good.
template <typename T>
class SpscQueue {
public:
  explicit SpscQueue(std::size_t capacity) : slots_(capacity + 1) {}

  /// Leaves room for so many more, of a kind that must fit.
  [[nodiscard]] bool push(const T& item, std::size_t reserved = 0) noexcept {
    const auto tail = tail_.load(std::memory_order_relaxed);
    const auto head = head_.load(std::memory_order_acquire);
    const auto room = (head + slots_.size() - tail - 1) % slots_.size();
    if (room <= reserved)
      return false;
    slots_[tail] = item;
    tail_.store(after(tail), std::memory_order_release);
    return true;
  }
  std::optional<T> pop() noexcept {
    const auto head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire))
      return std::nullopt;
    T item = slots_[head];
    head_.store(after(head), std::memory_order_release);
    return item;
  }

private:
  std::size_t after(std::size_t index) const { return index + 1 == slots_.size() ? 0 : index + 1; }

  std::vector<T> slots_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

} // namespace xvrrp::election
