// SPDX-License-Identifier: BSD-2-Clause
// Apart from the tests, because g++ warns where it can inline a replaced operator delete.
#include "allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<unsigned long> count = 0;
}

void* operator new(std::size_t size) {
  ++count;
  if (void* memory = std::malloc(size))
    return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

unsigned long xvrrp::platform::testing::allocations() {
  return count;
}
