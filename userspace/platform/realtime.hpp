// SPDX-License-Identifier: BSD-2-Clause
// What keeps the election thread on time on a busy machine.
#pragma once

#include <cstdint>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// SCHED_FIFO with this priority (1..99) for the calling thread. Threads and processes it creates do not
/// inherit it (SCHED_RESET_ON_FORK), so that a notify script cannot starve the machine. Needs CAP_SYS_NICE or
/// RLIMIT_RTPRIO; EPERM also in a cgroup (v1) without a real-time budget.
Status set_fifo_priority(int priority);

/// Runs the calling thread on these processors only (0, 1, ...). EINVAL when none of them is there, or the
/// thread may use none of them.
Status set_processors(const std::vector<std::uint32_t>& processors);

/// Locks all present and future memory of the process and touches the calling thread's next 256 KiB of stack,
/// so that the heartbeat never waits for a page. Call it from the thread that needs it, before its work.
/// Thread stacks created afterwards are locked whole (8 MiB by default). Needs CAP_IPC_LOCK or
/// RLIMIT_MEMLOCK.
Status lock_memory();

} // namespace xvrrp::platform
