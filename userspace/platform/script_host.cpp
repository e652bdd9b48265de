// SPDX-License-Identifier: BSD-2-Clause
#include "platform/script_host.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
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

#include <xvrrp/base/printable.hpp>
#include <xvrrp/base/root_only_path.hpp>

#include "platform/inheritance.hpp"

namespace xvrrp::platform {
namespace {

/// Of one errand on the socket: more than a command line of the configuration can have.
constexpr std::size_t kMostBytes = std::size_t{64} << 10;
constexpr int kNoProgram = 127;

/// How long a program that was told to end has for it.
constexpr auto kEndingTime = std::chrono::seconds{2};

/// What services have to read what they were told last.
constexpr auto kLastWords = std::chrono::milliseconds{500};

enum class Kind : std::uint32_t { Errand, Check, BeginService, EndService };

/// What goes to the process: this, then the queue and the words, each with a NUL.
struct Header {
  Kind kind;
  std::uint32_t user;
  std::uint32_t group;
  std::uint32_t id; ///< of a check or a service
  std::uint32_t timeout_ms;
  std::uint32_t once; ///< of an errand
  std::uint32_t root_only;
};
/// What comes back.
struct CheckResult {
  std::uint32_t check;
  std::uint32_t success;
};
struct Request {
  Header header;
  std::string queue;
  std::vector<std::string> argv;
};

std::string packed(const Header& header, const std::string& queue, const std::vector<std::string>& argv) {
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  bytes += queue + '\0';
  for (const auto& word : argv)
    bytes += word + '\0';
  return bytes;
}

std::optional<Request> unpacked(std::string_view bytes) {
  Request request{};
  if (bytes.size() < sizeof request.header)
    return std::nullopt;
  std::memcpy(&request.header, bytes.data(), sizeof request.header);
  bytes.remove_prefix(sizeof request.header);
  std::vector<std::string> words;
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\0'), bytes.size());
    words.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  if (words.size() < 2)
    return std::nullopt;
  request.queue = words.front();
  request.argv.assign(words.begin() + 1, words.end());
  return request;
}

void complain(const std::string& what) {
  const auto text = printable(what);
  pollfd error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&error, 1, 0) == 1) // nobody waits for a reader of it that stands still
    std::fprintf(stderr, "xvrrpd: %s\n", text.c_str());
  ::syslog(LOG_DAEMON | LOG_WARNING, "%s", text.c_str());
}

/// Standard input, output and error lead nowhere.
void fall_silent() {
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    (void)::dup2(nowhere, fd);
}

/// What is executed for it: where root runs only what nobody else can exchange, what stands at the end of
/// its links. Looked up at each run, as files change.
Result<std::string> program_of(const Request& request) {
  const auto& program = request.argv.front();
  if (request.header.root_only == 0 || request.header.user != 0)
    return program;
  return root_only_path(program);
}

/// Never returns.
[[noreturn]] void become(const Request& request) {
  std::vector<char*> words;
  for (const auto& word : request.argv)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  (void)::setpgid(0, 0);
  (void)::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const auto program = program_of(request);
  if (!program) {
    complain(request.argv.front() +
             " was not run, as enable_script_security is set: " + program.error().message);
    _exit(kNoProgram);
  }
  if (request.header.kind == Kind::Check)
    fall_silent(); // run every second it has nothing to say
  unsettle_process();
  renounce_oom_protection();
  const gid_t group = request.header.group;
  const bool changed =
      ::geteuid() != 0 || (::setgroups(1, &group) == 0 && ::setresgid(group, group, group) == 0 &&
                           ::setresuid(request.header.user, request.header.user, request.header.user) == 0);
  if (changed)
    ::execv(program->c_str(), words.data());
  _exit(kNoProgram);
}

/// Whoever it has started ends with it.
void signal_all(pid_t leader, int signal) {
  if (::kill(-leader, signal) != 0)
    ::kill(leader, signal); // it has not become the leader of its group yet
}

/// The process.
class Host {
public:
  explicit Host(int socket) : socket_(socket) {}

  /// Until the daemon is gone and everything is done.
  void run() {
    while (socket_ >= 0 || !running_.empty() || !checks_.empty() || !services_.empty()) {
      std::vector<pollfd> wanted;
      if (socket_ >= 0)
        wanted.push_back({socket_, POLLIN, 0});
      for (const auto& [queue, child] : running_)
        wanted.push_back({child.fd.get(), POLLIN, 0});
      for (const auto& check : checks_)
        wanted.push_back({check.child.fd.get(), POLLIN, 0});
      for (const auto& service : services_)
        wanted.push_back({service.child.fd.get(), POLLIN, 0});
      if (::poll(wanted.data(), wanted.size(), patience()) < 0 && errno != EINTR)
        return;
      if (socket_ >= 0)
        receive();
      reap();
      end_late_checks();
      end_services();
    }
  }

private:
  using Clock = std::chrono::steady_clock;
  struct Child {
    pid_t pid = 0;
    UniqueFd fd;
    std::string program;
  };
  struct RunningCheck {
    std::uint32_t id;
    Child child;
    Clock::time_point deadline; ///< of the check, then of the program that was told to end
    bool is_late;               ///< and has been told
  };

  struct RunningService {
    std::uint32_t id;
    Child child;
    Clock::time_point deadline; ///< when it is ended, then killed
    bool is_ending;             ///< and has been told
  };

  /// Milliseconds until somebody is to be ended.
  int patience() const {
    auto earliest = Clock::time_point::max();
    for (const auto& check : checks_)
      earliest = std::min(earliest, check.deadline);
    for (const auto& service : services_)
      earliest = std::min(earliest, service.deadline);
    if (earliest == Clock::time_point::max())
      return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(earliest - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void receive() {
    std::string bytes(kMostBytes, '\0');
    for (;;) {
      const auto length = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (length <= 0)
        return lose_daemon();
      auto request = unpacked(std::string_view{bytes}.substr(0, static_cast<std::size_t>(length)));
      if (request)
        obey(*std::move(request));
    }
  }

  void obey(Request request) {
    switch (request.header.kind) {
    case Kind::Errand: {
      const std::string queue = request.queue;
      const auto waiting = waiting_.find(queue);
      if (request.header.once != 0 && waiting != waiting_.end() &&
          waiting->second.back().argv == request.argv)
        return;
      waiting_[queue].push_back(std::move(request));
      return begin_next(queue);
    }
    case Kind::Check:
      return begin_check(request);
    case Kind::BeginService:
      if (auto child = begin(request))
        services_.push_back({request.header.id, *std::move(child), Clock::time_point::max(), false});
      return;
    case Kind::EndService:
      for (auto& service : services_) {
        if (service.id == request.header.id && !service.is_ending)
          service.deadline = Clock::now();
      }
      return end_services();
    }
  }

  void lose_daemon() {
    ::close(std::exchange(socket_, -1));
    for (auto& check : checks_)
      check.deadline = Clock::now();
    for (auto& service : services_)
      service.deadline = std::min(service.deadline, Clock::now() + kLastWords);
  }

  static std::optional<Child> begin(const Request& request) {
    const pid_t child = ::fork();
    if (child == 0)
      become(request);
    if (child < 0) {
      complain(request.argv.front() + " was not run: " + std::strerror(errno));
      return std::nullopt;
    }
    const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    return Child{child, UniqueFd{fd}, request.argv.front()};
  }

  void begin_next(const std::string& queue) {
    const auto waiting = waiting_.find(queue);
    if (running_.count(queue) > 0 || waiting == waiting_.end())
      return;
    const Request request = std::move(waiting->second.front());
    waiting->second.pop_front();
    if (waiting->second.empty())
      waiting_.erase(waiting);
    if (auto child = begin(request))
      running_[request.queue] = *std::move(child);
  }

  void begin_check(const Request& request) {
    const auto deadline = Clock::now() + std::chrono::milliseconds{request.header.timeout_ms};
    if (auto child = begin(request))
      checks_.push_back({request.header.id, *std::move(child), deadline, false});
    else
      tell(request.header.id, false);
  }

  void tell(std::uint32_t check, bool success) const {
    const CheckResult result{check, success ? 1u : 0u};
    if (socket_ >= 0)
      (void)::send(socket_, &result, sizeof result, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  void reap() {
    for (auto running = running_.begin(); running != running_.end();) {
      int status = 0;
      if (::waitpid(running->second.pid, &status, WNOHANG) != running->second.pid) {
        ++running;
        continue;
      }
      complain_of(running->second.program, status);
      const std::string queue = running->first;
      running_.erase(running);
      begin_next(queue);
      running = running_.begin();
    }
    std::erase_if(checks_, [&](const RunningCheck& check) {
      int status = 0;
      if (::waitpid(check.child.pid, &status, WNOHANG) != check.child.pid)
        return false;
      if (!check.is_late)
        tell(check.id, WIFEXITED(status) && WEXITSTATUS(status) == 0);
      return true;
    });
    std::erase_if(services_, [&](const RunningService& service) {
      int status = 0;
      if (::waitpid(service.child.pid, &status, WNOHANG) != service.child.pid)
        return false;
      if (!service.is_ending && socket_ >= 0)
        complain_of_service(service.child.program, status);
      return true;
    });
  }

  static void complain_of(const std::string& program, int status) {
    if (WIFSIGNALED(status))
      complain(program + " was ended by signal " + std::to_string(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == kNoProgram)
      complain(program + " could not be run");
    else if (WEXITSTATUS(status) != 0)
      complain(program + " ended with exit code " + std::to_string(WEXITSTATUS(status)));
  }

  static void complain_of_service(const std::string& program, int status) {
    complain_of(program, status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
      complain(program + " has ended by itself, and is not started again before xvrrpd is");
  }

  void end_services() {
    const auto now = Clock::now();
    for (auto& service : services_) {
      if (service.deadline > now)
        continue;
      signal_all(service.child.pid, service.is_ending ? SIGKILL : SIGTERM);
      service.deadline = now + kEndingTime;
      service.is_ending = true;
    }
  }

  void end_late_checks() {
    const auto now = Clock::now();
    for (auto& check : checks_) {
      if (check.deadline > now)
        continue;
      signal_all(check.child.pid, check.is_late ? SIGKILL : SIGTERM);
      check.deadline = now + kEndingTime;
      if (!std::exchange(check.is_late, true))
        tell(check.id, false);
    }
  }

  int socket_;
  std::map<std::string, std::deque<Request>> waiting_; ///< by queue; none is empty
  std::map<std::string, Child> running_;               ///< by queue
  std::vector<RunningCheck> checks_;
  std::vector<RunningService> services_;
};

/// No child of the daemon's: nobody has to wait for it.
[[noreturn]] void begin_host(int socket, bool quiet) {
  if (::fork() != 0)
    _exit(0);
  if (quiet)
    fall_silent();
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

Result<ScriptHost> ScriptHost::start(bool quiet) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_error("making a socket for scripts");
  const pid_t child = ::fork();
  if (child < 0)
    return system_error("starting the process that runs scripts");
  if (child == 0)
    begin_host(ends[1], quiet);
  ::close(ends[1]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return ScriptHost{UniqueFd{ends[0]}};
}

Status ScriptHost::run(const Errand& errand) {
  return send(packed({Kind::Errand, errand.user, errand.group, 0, 0, errand.once ? 1U : 0U,
                      errand.root_only ? 1U : 0U},
                     errand.queue, errand.argv),
              errand.argv.front());
}

Status ScriptHost::run(const Check& check) {
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(check.timeout).count();
  return send(packed({Kind::Check, check.user, check.group, check.id, static_cast<std::uint32_t>(timeout), 0,
                      check.root_only ? 1U : 0U},
                     "", check.argv),
              check.argv.front());
}

Status ScriptHost::begin(const Service& service) {
  return send(
      packed({Kind::BeginService, service.user, service.group, service.id, 0, 0, service.root_only ? 1U : 0U},
             "", service.argv),
      service.argv.front());
}

Status ScriptHost::end(const Service& service) {
  return send(packed({Kind::EndService, service.user, service.group, service.id, 0, 0, 0}, "", service.argv),
              service.argv.front());
}

Status ScriptHost::send(const std::string& bytes, const std::string& program) {
  if (bytes.size() > kMostBytes)
    return failed(program + ": the command is longer than 64 KiB");
  if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    return system_error("running " + program);
  return Done{};
}

void ScriptHost::hear(const std::function<void(std::uint32_t id, bool success)>& deliver) {
  CheckResult result{};
  while (::recv(socket_.get(), &result, sizeof result, MSG_DONTWAIT) == sizeof result)
    deliver(result.check, result.success != 0);
}

} // namespace xvrrp::platform
