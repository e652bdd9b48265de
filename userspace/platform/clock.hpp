// SPDX-License-Identifier: BSD-2-Clause
// The only clock xvrrp reads.
#pragma once

#include <xvrrp/base/time.hpp>

namespace xvrrp::platform {

/// CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns(): moments from the kernel's events compare with it
/// directly. Answered by the vDSO without a system call. Any thread.
Instant monotonic_now() noexcept;

} // namespace xvrrp::platform
