// SPDX-License-Identifier: BSD-2-Clause
// A network namespace and a BPF file system of the test process's own: tests run beside real instances and
// beside each other, and the kernel takes everything away when the process ends, however it ends.
#pragma once

#include <cstdint>
#include <string>

namespace xvrrp::test {

/// The veth pair of the sandbox. Packets "arrive" on kNear, which has the address 192.168.1.12/24; kFar has
/// 10.9.0.1/24, so that there is somewhere to forward to.
inline constexpr const char* kNear = "near0";
inline constexpr const char* kFar = "far0";

/// Moves the process into its sandbox, the first time it is called. Empty, or why it is not possible here.
std::string enter_sandbox();

std::uint32_t ifindex_of(const char* interface);

/// Whether packets that arrive on kNear may be forwarded.
void set_forwarding(bool on);

struct CommandResult {
  int status;
  std::string output;
};
/// Runs a shell command in the sandbox; standard error is part of the output.
CommandResult run_command(const std::string& command);

} // namespace xvrrp::test
