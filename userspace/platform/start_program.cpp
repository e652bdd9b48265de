// SPDX-License-Identifier: BSD-2-Clause
#include "platform/start_program.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <syslog.h>
#include <unistd.h>

#include <xvrrp/base/printable.hpp>
#include <xvrrp/base/root_only_path.hpp>

#include "platform/inheritance.hpp"

namespace xvrrp::platform {
namespace {

constexpr const char* kUsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (auto& word : words)
    all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_of(uid_t user) {
  auto variables = plain_environment();
  const auto* known = ::getpwuid(user);
  variables.push_back(std::string{"HOME="} + (known != nullptr ? known->pw_dir : "/"));
  const std::string name = known != nullptr ? known->pw_name : std::to_string(user);
  variables.push_back("USER=" + name);
  variables.push_back("LOGNAME=" + name);
  return variables;
}

/// What is executed for it: where root runs only what nobody else can exchange, what stands at the end of
/// its links. Looked up at each run, as files change.
Result<std::string> executable_of(const Program& program) {
  const auto& path = program.argv.front();
  return program.root_only && program.user == 0 ? root_only_path(path) : path;
}

void complain(const std::string& what) {
  const auto text = printable(what);
  pollfd error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&error, 1, 0) == 1) // nobody waits for a reader of it that stands still
    std::fprintf(stderr, "xvrrpd: %s\n", text.c_str());
  ::syslog(LOG_DAEMON | LOG_WARNING, "%s", text.c_str());
}

bool become(const Program& program) {
  const gid_t group = program.group;
  const uid_t user = program.user;
  return ::geteuid() != 0 || (::setgroups(1, &group) == 0 && ::setresgid(group, group, group) == 0 &&
                              ::setresuid(user, user, user) == 0);
}

[[noreturn]] void execute(const Program& program, bool silent, pid_t parent) {
  (void)::setpgid(0, 0);
  auto words = program.argv;
  auto variables = environment_of(program.user);
  const auto executable = executable_of(program);
  if (!executable) {
    complain(words.front() + " was not run, as enable_script_security is set: " + executable.error().message);
    _exit(kNotExecuted);
  }
  if (silent)
    fall_silent();
  renounce_oom_protection();
  // A change of user takes this wish back: it comes after that. The parent may have ended before it.
  if (!become(program) || ::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || ::getppid() != parent)
    _exit(kNotExecuted);
  sigset_t none{};
  sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(executable->c_str(), pointers(words).data(), pointers(variables).data());
  _exit(kNotExecuted);
}

} // namespace

std::vector<std::string> plain_environment() {
  const char* path = std::getenv("PATH");
  std::vector<std::string> variables{std::string{"PATH="} + (path != nullptr ? path : kUsualPath)};
  for (const char* name : {"LANG", "TZ"}) {
    if (const char* value = std::getenv(name))
      variables.push_back(std::string{name} + "=" + value);
  }
  return variables;
}

std::optional<pid_t> start_program(const Program& program, bool silent) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0)
    execute(program, silent, parent);
  if (child < 0)
    return std::nullopt;
  (void)::setpgid(child, child); // whichever of both is first; it may have been executed already
  return child;
}

void fall_silent() {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    (void)::dup2(nowhere, fd);
}

} // namespace xvrrp::platform
