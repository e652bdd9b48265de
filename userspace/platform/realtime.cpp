// SPDX-License-Identifier: BSD-2-Clause
#include "platform/realtime.hpp"

#include <cstddef>
#include <string>

#include <sched.h>
#include <sys/mman.h>

namespace xvrrp::platform {

namespace {

[[gnu::noinline]] void touch_stack() {
  constexpr std::size_t kBytes = 1U << 18U;
  constexpr std::size_t kPage = 4096;
  char room[kBytes];
  volatile char* bytes = room;
  for (std::size_t at = 0; at < kBytes; at += kPage)
    bytes[at] = 0;
}

} // namespace

Status set_fifo_priority(int priority) {
  sched_param parameters{};
  parameters.sched_priority = priority;
  // 0 is the calling thread, not the process.
  if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) != 0)
    return system_error("real-time priority " + std::to_string(priority) + " (CAP_SYS_NICE)");
  return Done{};
}

Status set_processors(const std::vector<std::uint32_t>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::string names;
  for (const auto processor : processors) {
    CPU_SET(processor, &set);
    names += " " + std::to_string(processor);
  }
  if (::sched_setaffinity(0, sizeof(set), &set) != 0)
    return system_error("vrrp_cpu_affinity" + names);
  return Done{};
}

Status lock_memory() {
  if (::mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
    return system_error("locking memory (CAP_IPC_LOCK)");
  touch_stack();
  return Done{};
}

} // namespace xvrrp::platform
