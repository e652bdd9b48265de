// SPDX-License-Identifier: BSD-2-Clause
// The only clocks xvrrp reads.
#pragma once

#include <xvrrp/base/time.hpp>

namespace xvrrp::platform {

/// CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns(): moments from the kernel's events compare with it
/// directly. Answered by the vDSO without a system call. Any thread.
Instant monotonic_now() noexcept;

/// The time of day (CLOCK_REALTIME, since 1970) of a moment, as the clock is set now. For people and files,
/// never for decisions. Any thread.
Nanoseconds time_of_day(Instant moment) noexcept;

} // namespace xvrrp::platform
