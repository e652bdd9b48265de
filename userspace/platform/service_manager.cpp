// SPDX-License-Identifier: BSD-2-Clause
#include "platform/service_manager.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <xvrrp/base/printable.hpp>

#include "platform/clock.hpp"

namespace xvrrp::platform {
namespace {

/// The socket stays in the environment: after a handover the successor, which has our pid, tells of itself.
void tell(const std::string& state) {
  (void)::sd_notify(/*unset_environment=*/0, state.c_str());
}

} // namespace

void ServiceManager::ready() const {
  tell("READY=1");
}

void ServiceManager::reloading() const {
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(to_ns(monotonic_now()) / 1000));
}

void ServiceManager::stopping() const {
  tell("STOPPING=1");
}

void ServiceManager::status(const std::string& line) const {
  tell("STATUS=" + printable(line));
}

void ServiceManager::alive() const {
  tell("WATCHDOG=1");
}

std::optional<Nanoseconds> ServiceManager::watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(/*unset_environment=*/0, &microseconds) <= 0)
    return std::nullopt;
  return std::chrono::microseconds{microseconds};
}

bool ServiceManager::has_journal() {
  const char* journal = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return journal != nullptr && ::fstat(STDERR_FILENO, &status) == 0 &&
         std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == journal;
}

} // namespace xvrrp::platform
