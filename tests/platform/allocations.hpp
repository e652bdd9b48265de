// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace xvrrp::platform::testing {

/// How often this program has called operator new: a path whose count does not change does not allocate.
unsigned long allocations();

} // namespace xvrrp::platform::testing
