// SPDX-License-Identifier: BSD-2-Clause
// Which processes there are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace xvrrp::platform {

struct Process {
  pid_t pid = 0;
  std::string name;                 ///< comm: at most 15 characters of the program's file name
  std::vector<std::string> command; ///< argv; empty: a thread of the kernel
};

/// Reads /proc; blocks for as long as that takes, some ten microseconds for each process.
void for_each_process(const std::function<void(const Process&)>& visit);

} // namespace xvrrp::platform
