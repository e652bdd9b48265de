// SPDX-License-Identifier: BSD-2-Clause
// A list with room for so many, made once.
#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace xvrrp::election {

/// A vector that never allocates after construction: the caller sees to it that there is room.
template <typename T>
class BoundedList {
public:
  BoundedList() = default; ///< room for none
  explicit BoundedList(std::size_t capacity) : items_(capacity) {}

  void push(const T& item) noexcept {
    assert(!full());
    items_[size_++] = item;
  }
  void pop() noexcept { --size_; }
  void clear() noexcept { size_ = 0; }
  void swap(BoundedList& other) noexcept {
    items_.swap(other.items_);
    std::swap(size_, other.size_);
  }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return size_ == items_.size(); }
  std::size_t size() const noexcept { return size_; }
  T& operator[](std::size_t index) noexcept { return items_[index]; }
  const T& operator[](std::size_t index) const noexcept { return items_[index]; }
  T* begin() noexcept { return items_.data(); }
  T* end() noexcept { return items_.data() + size_; }
  const T* begin() const noexcept { return items_.data(); }
  const T* end() const noexcept { return items_.data() + size_; }

private:
  std::vector<T> items_;
  std::size_t size_ = 0;
};

} // namespace xvrrp::election
