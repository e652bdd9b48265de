// SPDX-License-Identifier: BSD-2-Clause
#include "platform/child.hpp"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {
namespace {

constexpr std::size_t kMostOutput = 16384;
using Clock = std::chrono::steady_clock;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_error("making a pipe");
  return Pipe{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Result<pid_t> spawn(const ChildCommand& command, int output, int errors) {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addchdir_np(&files, command.directory.c_str());
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
  sigset_t none{};
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t ignored{}; // see settle_process()
  sigemptyset(&ignored);
  sigaddset(&ignored, SIGPIPE);
  sigaddset(&ignored, SIGXFSZ);
  ::posix_spawnattr_setsigdefault(&attributes, &ignored);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  auto arguments = command.arguments;
  std::vector<char*> pointers;
  for (auto& argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, command.program.c_str(), &files, &attributes, pointers.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0)
    return system_error("executing " + command.program, error);
  return child;
}

/// A pipe of the child's, and what came out of it.
struct Stream {
  int fd; ///< -1: the child has closed its end
  std::string& text;
};

void read_some(Stream& stream) {
  std::array<char, 4096> buffer{};
  const auto count = ::read(stream.fd, buffer.data(), buffer.size());
  if (count == 0 || (count < 0 && errno != EINTR))
    stream.fd = -1;
  else if (count > 0 && stream.text.size() < kMostOutput)
    stream.text.append(buffer.data(), static_cast<std::size_t>(count));
}

/// Until the child has closed its ends. False when that takes too long.
bool read_all(std::array<Stream, 2> streams, Clock::time_point deadline) {
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    std::array<pollfd, 2> wanted{{{streams[0].fd, POLLIN, 0}, {streams[1].fd, POLLIN, 0}}};
    if (left <= 0 || ::poll(wanted.data(), wanted.size(), static_cast<int>(left)) == 0)
      return false;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (wanted[i].revents != 0)
        read_some(streams[i]);
    }
  }
  return true;
}

} // namespace

Result<ChildOutcome> run_child(const ChildCommand& command, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  auto output = make_pipe();
  if (!output)
    return std::move(output).error();
  auto errors = make_pipe();
  if (!errors)
    return std::move(errors).error();
  const auto child = spawn(command, output->write.get(), errors->write.get());
  if (!child)
    return child.error();
  output->write = UniqueFd{};
  errors->write = UniqueFd{};
  ChildOutcome outcome;
  const bool in_time = read_all(
      {Stream{output->read.get(), outcome.output}, Stream{errors->read.get(), outcome.errors}}, deadline);
  if (!in_time)
    ::kill(*child, SIGKILL);
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time)
    return failed(command.program + " did not end within " + std::to_string(patience.count()) + " ms");
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

} // namespace xvrrp::platform
