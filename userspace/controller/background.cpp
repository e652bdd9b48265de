// SPDX-License-Identifier: BSD-2-Clause
#include "controller/background.hpp"

#include <array>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xvrrp::controller {
namespace {

[[noreturn]] void wait_for_child(pid_t child, int ready_fd) {
  char byte = 0;
  if (read(ready_fd, &byte, 1) == 1)
    _exit(0);
  int status = 0;
  waitpid(child, &status, 0);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(ErrorKind::Failed));
}

} // namespace

Result<Background> Background::enter() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_error("making a pipe");
  const pid_t child = fork();
  if (child < 0)
    return system_error("forking");
  if (child > 0) {
    close(ends[1]);
    wait_for_child(child, ends[0]);
  }
  close(ends[0]);
  setsid();
  if (chdir("/") != 0)
    return system_error("changing to /");
  return Background{ends[1]};
}

void Background::started() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    dup2(null, fd);
  close(null);
  [[maybe_unused]] const auto told = write(notify_fd_, "", 1);
  close(notify_fd_);
}

} // namespace xvrrp::controller
