// SPDX-License-Identifier: BSD-2-Clause
// What a daemon changes of its process for itself, and programs that it runs must not inherit.
#pragma once

#include <sys/types.h>

namespace xvrrp::platform {

/// A peer that goes (the log's reader, too) and a bound on files (RLIMIT_FSIZE) are errors of the call and
/// end nobody: SIGPIPE and SIGXFSZ are ignored. Each interface has descriptors: the soft limit of their
/// number becomes the hard one. Standard input, output and error that are closed lead nowhere: else what is
/// opened next would be taken for them. Once, at the start of the process, before it has other threads.
void settle_process();

/// Undoes that in a process that is about to execute another program: both signals have their default action
/// again and the limit is as settle_process() found it. Async-signal-safe: it may stand between fork() and
/// exec().
void unsettle_process() noexcept;

/// The limit's part of that, in a child that was started without it.
void restore_limit(pid_t child) noexcept;

/// When memory is short the kernel spares this process no more (OOMScoreAdjust of the service). As
/// async-signal-safe.
void renounce_oom_protection() noexcept;

} // namespace xvrrp::platform
