// SPDX-License-Identifier: BSD-2-Clause
// What this process may do.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// The kernel's numbers (linux/capability.h).
enum class Capability : int {
  NetAdmin = 12,
  NetRaw = 13,
  IpcLock = 14,
  SysNice = 23,
  PerfMon = 38,
  Bpf = 39
};

/// Without these xvrrpd cannot work.
inline constexpr std::array kRequiredCapabilities{Capability::Bpf, Capability::PerfMon, Capability::NetAdmin,
                                                  Capability::NetRaw};
/// Without these it works, but a loaded machine can make it late: real-time priority, locked memory.
inline constexpr std::array kWantedCapabilities{Capability::SysNice, Capability::IpcLock};

/// The names ("CAP_BPF", ...) of those that are not in the calling thread's effective set. CAP_SYS_ADMIN
/// stands for CAP_BPF and CAP_PERFMON, as in the kernel.
std::vector<std::string> missing_capabilities(std::span<const Capability> asked);

} // namespace xvrrp::platform
