// SPDX-License-Identifier: BSD-2-Clause
// Threads that nobody waits for.
#pragma once

#include <functional>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// Runs `work` on a thread of its own that may hang for ever, when its process ends, too: what it uses must
/// never be destroyed, or be shared with it. It hears no signals. Its stack is
/// small, for the daemon's memory is locked.
Status start_thread(std::function<void()> work);

} // namespace xvrrp::platform
