// SPDX-License-Identifier: BSD-2-Clause
#include "core/types.hpp"

#include <cassert>

namespace xvrrp::core {

void Actions::push(const Action& action) {
  assert(size_ < kCapacity);
  if (size_ < kCapacity)
    items_[size_++] = action;
}

} // namespace xvrrp::core
