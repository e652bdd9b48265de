// SPDX-License-Identifier: BSD-2-Clause
// An array map as memory that BPF programs and this process share: no system call per access.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>

#include <sys/mman.h>

#include <xvrrp/base/result.hpp>

namespace xvrrp::dataplane {

/// The elements of a map with BPF_F_MMAPABLE, mapped for as long as the object lives. Elements are read and
/// written word by word (std::atomic_ref is not in every compiler we build with: __atomic builtins).
/// Move-only.
template <typename Value>
class SharedArray {
public:
  SharedArray() = default;
  /// The map has `count` elements, whose size is a multiple of eight bytes. Errors name `what`.
  static Result<SharedArray> open(int map_fd, std::size_t count, const std::string& what) {
    void* memory = mmap(nullptr, count * sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
    if (memory == MAP_FAILED)
      return system_error("mapping the BPF map " + what);
    return SharedArray{static_cast<Value*>(memory), count};
  }
  SharedArray(SharedArray&& other) noexcept
      : values_(std::exchange(other.values_, nullptr)), count_(other.count_) {}
  SharedArray& operator=(SharedArray&& other) noexcept {
    std::swap(values_, other.values_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~SharedArray() {
    if (values_ != nullptr)
      munmap(values_, count_ * sizeof(Value));
  }

  /// The element, in shared memory: what others write shows through.
  Value& operator[](std::size_t index) const { return values_[index]; }

private:
  SharedArray(Value* values, std::size_t count) : values_(values), count_(count) {}
  Value* values_ = nullptr;
  std::size_t count_ = 0;
};

} // namespace xvrrp::dataplane
