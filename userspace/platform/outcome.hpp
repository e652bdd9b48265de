// SPDX-License-Identifier: BSD-2-Clause
// What became of a batch of packets.
#pragma once

#include <cstddef>

namespace xvrrp::platform {

struct SendOutcome {
  std::size_t sent = 0; ///< how many the kernel accepted
  int error = 0;        ///< errno of the first it did not; 0 if it took all
};

} // namespace xvrrp::platform
