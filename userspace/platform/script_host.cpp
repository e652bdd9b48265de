// SPDX-License-Identifier: BSD-2-Clause
#include "platform/script_host.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

namespace xvrrp::platform {
namespace {

/// Of one errand on the socket: more than a command line of the configuration can have.
constexpr std::size_t kMostBytes = std::size_t{64} << 10;
constexpr int kNoProgram = 127;

/// user, group, then the queue and the words, each with a NUL.
std::string packed(const Errand& errand) {
  std::string bytes(2 * sizeof(std::uint32_t), '\0');
  std::memcpy(bytes.data(), &errand.user, sizeof(errand.user));
  std::memcpy(bytes.data() + sizeof(errand.user), &errand.group, sizeof(errand.group));
  bytes += errand.queue + '\0';
  for (const auto& word : errand.argv)
    bytes += word + '\0';
  return bytes;
}

std::optional<Errand> unpacked(std::string_view bytes) {
  Errand errand;
  if (bytes.size() < 2 * sizeof(std::uint32_t))
    return std::nullopt;
  std::memcpy(&errand.user, bytes.data(), sizeof(errand.user));
  std::memcpy(&errand.group, bytes.data() + sizeof(errand.user), sizeof(errand.group));
  bytes.remove_prefix(2 * sizeof(std::uint32_t));
  std::vector<std::string> words;
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\0'), bytes.size());
    words.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  if (words.size() < 2)
    return std::nullopt;
  errand.queue = words.front();
  errand.argv.assign(words.begin() + 1, words.end());
  return errand;
}

void complain(const std::string& text) {
  std::fprintf(stderr, "xvrrpd: %s\n", text.c_str());
  ::syslog(LOG_DAEMON | LOG_WARNING, "%s", text.c_str());
}

/// Never returns.
[[noreturn]] void become(const Errand& errand) {
  std::vector<char*> words;
  for (const auto& word : errand.argv)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  (void)::setpgid(0, 0);
  (void)::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const gid_t group = errand.group;
  const bool changed =
      ::geteuid() != 0 || (::setgroups(1, &group) == 0 && ::setresgid(group, group, group) == 0 &&
                           ::setresuid(errand.user, errand.user, errand.user) == 0);
  if (changed)
    ::execv(words.front(), words.data());
  _exit(kNoProgram);
}

/// The process.
class Host {
public:
  explicit Host(int socket) : socket_(socket) {}

  /// Until the daemon is gone and everything is done.
  void run() {
    while (socket_ >= 0 || !running_.empty()) {
      std::vector<pollfd> wanted;
      if (socket_ >= 0)
        wanted.push_back({socket_, POLLIN, 0});
      for (const auto& [queue, child] : running_)
        wanted.push_back({child.fd.get(), POLLIN, 0});
      if (::poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR)
        return;
      if (socket_ >= 0)
        receive();
      reap();
    }
  }

private:
  struct Child {
    pid_t pid = 0;
    UniqueFd fd;
    std::string program;
  };

  void receive() {
    std::string bytes(kMostBytes, '\0');
    for (;;) {
      const auto length = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (length <= 0) {
        ::close(std::exchange(socket_, -1));
        return;
      }
      if (auto errand = unpacked(std::string_view{bytes}.substr(0, static_cast<std::size_t>(length)))) {
        const std::string queue = errand->queue;
        waiting_[queue].push_back(*std::move(errand));
        begin_next(queue);
      }
    }
  }

  void begin_next(const std::string& queue) {
    const auto waiting = waiting_.find(queue);
    if (running_.count(queue) > 0 || waiting == waiting_.end())
      return;
    const Errand errand = std::move(waiting->second.front());
    waiting->second.pop_front();
    if (waiting->second.empty())
      waiting_.erase(waiting);
    const pid_t child = ::fork();
    if (child == 0)
      become(errand);
    if (child < 0)
      return complain(errand.argv.front() + " was not run: " + std::strerror(errno));
    const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    running_[errand.queue] = {child, UniqueFd{fd}, errand.argv.front()};
  }

  void reap() {
    for (auto running = running_.begin(); running != running_.end();) {
      int status = 0;
      if (::waitpid(running->second.pid, &status, WNOHANG) != running->second.pid) {
        ++running;
        continue;
      }
      const auto& program = running->second.program;
      if (WIFSIGNALED(status))
        complain(program + " was ended by signal " + std::to_string(WTERMSIG(status)));
      else if (WEXITSTATUS(status) == kNoProgram)
        complain(program + " could not be run");
      else if (WEXITSTATUS(status) != 0)
        complain(program + " ended with exit code " + std::to_string(WEXITSTATUS(status)));
      const std::string queue = running->first;
      running_.erase(running);
      begin_next(queue);
      running = running_.begin();
    }
  }

  int socket_;
  std::map<std::string, std::deque<Errand>> waiting_; ///< by queue; none is empty
  std::map<std::string, Child> running_;              ///< by queue
};

/// No child of the daemon's: nobody has to wait for it.
[[noreturn]] void begin_host(int socket) {
  if (::fork() != 0)
    _exit(0);
  ::setsid();
  (void)::prctl(PR_SET_NAME, "xvrrpd-scripts");
  if (socket > 3)
    ::close_range(3, static_cast<unsigned>(socket) - 1, 0);
  ::close_range(static_cast<unsigned>(socket) + 1, ~0U, 0);
  (void)!::chdir("/");
  for (const auto* name : {"IFS", "LD_PRELOAD", "LD_LIBRARY_PATH"})
    ::unsetenv(name);
  sigset_t none{};
  sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  Host{socket}.run();
  _exit(0);
}

} // namespace

Result<ScriptHost> ScriptHost::start() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_error("making a socket for scripts");
  const pid_t child = ::fork();
  if (child < 0)
    return system_error("starting the process that runs scripts");
  if (child == 0)
    begin_host(ends[1]);
  ::close(ends[1]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return ScriptHost{UniqueFd{ends[0]}};
}

Status ScriptHost::run(const Errand& errand) {
  const auto bytes = packed(errand);
  if (bytes.size() > kMostBytes)
    return failed(errand.argv.front() + ": the command is longer than 64 KiB");
  if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    return system_error("running " + errand.argv.front());
  return Done{};
}

} // namespace xvrrp::platform
