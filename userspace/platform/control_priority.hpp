// SPDX-License-Identifier: BSD-2-Clause
// Private to platform.
#pragma once

#include <linux/pkt_sched.h>
#include <sys/socket.h>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// What the socket sends goes ahead of forwarded traffic in a queueing discipline with priorities. Above 6
/// needs CAP_NET_ADMIN.
inline Status set_control_priority(int fd) {
  const int priority = TC_PRIO_CONTROL;
  if (::setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority) != 0)
    return system_error("setting a socket's priority (CAP_NET_ADMIN)");
  return Done{};
}

} // namespace xvrrp::platform
