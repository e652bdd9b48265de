// SPDX-License-Identifier: BSD-2-Clause
#include "platform/inheritance.hpp"

#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace xvrrp::platform {
namespace {

rlimit found_limit{};
bool is_limit_raised = false;

} // namespace

void settle_process() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0)
      (void)!::open("/dev/null", O_RDWR); // the lowest that is free is this one
  }
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN);
  if (::getrlimit(RLIMIT_NOFILE, &found_limit) != 0 || found_limit.rlim_cur == found_limit.rlim_max)
    return;
  const rlimit raised{found_limit.rlim_max, found_limit.rlim_max};
  is_limit_raised = ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
}

void unsettle_process() noexcept {
  (void)std::signal(SIGPIPE, SIG_DFL);
  (void)std::signal(SIGXFSZ, SIG_DFL);
  if (is_limit_raised)
    (void)::setrlimit(RLIMIT_NOFILE, &found_limit);
}

void restore_limit(pid_t child) noexcept {
  if (is_limit_raised)
    (void)::prlimit(child, RLIMIT_NOFILE, &found_limit, nullptr);
}

void renounce_oom_protection() noexcept {
  const int score = ::open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
  char first = 0;
  if (score >= 0 && ::read(score, &first, 1) == 1 && first == '-') // to be ended earlier needs no privilege
    (void)!::pwrite(score, "0", 1, 0);
  if (score >= 0)
    ::close(score);
}

} // namespace xvrrp::platform
