// SPDX-License-Identifier: BSD-2-Clause
#include "controller/handover.hpp"

#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <xvrrp/abi/types.h>

#include "platform/child.hpp"
#include "platform/inheritance.hpp"

namespace xvrrp::controller {
namespace {

constexpr const char* kLockVariable = "XVRRP_LOCK_FD";
constexpr const char* kScriptsVariable = "XVRRP_SCRIPTS_FD";
constexpr const char* kScriptsSocketVariable = "XVRRP_SCRIPTS_SOCKET_FD";
constexpr auto kPatience = std::chrono::seconds{2};

std::string started_as(const char* first_argument) {
  // What execve() was given; argv[0] may be anything.
  const auto* path = reinterpret_cast<const char*>(getauxval(AT_EXECFN)); // NOLINT(performance-no-int-to-ptr)
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path != nullptr ? path : first_argument, error);
  return error ? std::string{first_argument} : absolute.string();
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (auto& word : words)
    all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

/// A descriptor that a predecessor left open, by its name in the environment, which is taken out of it.
std::optional<int> inherited(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr)
    return std::nullopt;
  const int fd = std::atoi(value);
  unsetenv(variable);
  return fd;
}

Status leave(const char* variable, int fd) {
  if (fd < 0)
    return Done{};
  setenv(variable, std::to_string(fd).c_str(), 1);
  return fcntl(fd, F_SETFD, 0) == 0 ? Status{Done{}}
                                    : Status{system_error(std::string{variable} + " is not left open")};
}

std::string without_last_newlines(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

/// What it printed, without the newline at the end: standard output alone, for a loader that warns of
/// something does so on standard error. An error with what it complained of when it failed, but for
/// `also_good`.
Result<std::string> ask(const Origin& origin, std::vector<std::string> arguments, const std::string& what,
                        int also_good = 0) {
  const auto done = platform::run_child({origin.program, origin.directory, std::move(arguments)}, kPatience);
  if (!done)
    return Error{done.error().kind, "the handover is refused: " + done.error().message};
  if (done->exit_code != 0 && done->exit_code != also_good)
    return failed("the handover is refused: " + origin.program + " " + what + ": " +
                  without_last_newlines(done->errors.empty() ? done->output : done->errors));
  return without_last_newlines(done->output);
}

} // namespace

Origin Origin::of_this_process(int argc, char** argv) {
  Origin origin;
  origin.program = started_as(argv[0]);
  std::error_code error;
  origin.directory = std::filesystem::current_path(error).string();
  origin.arguments.assign(argv, argv + argc);
  origin.lock = inherited(kLockVariable);
  const auto memory = inherited(kScriptsVariable);
  const auto socket = inherited(kScriptsSocketVariable);
  if (memory)
    origin.scripts = platform::ScriptHost::Inheritance{socket.value_or(-1), *memory};
  return origin;
}

Status check_successor(const Origin& origin) {
  const auto abi = ask(origin, {origin.arguments[0], "--abi"}, "does not tell the version of its data plane");
  if (!abi)
    return abi.error();
  if (*abi != std::to_string(XV_ABI_VERSION))
    return failed("the handover is refused: the data plane of " + origin.program + " is version " + *abi +
                  ", the one that runs is version " + std::to_string(XV_ABI_VERSION) +
                  ": stop xvrrpd and start it again");
  auto arguments = origin.arguments;
  arguments.emplace_back("-t");
  const auto good = ask(origin, std::move(arguments), "does not take the configuration",
                        static_cast<int>(ErrorKind::InsecureScripts));
  return good ? Status{Done{}} : Status{good.error()};
}

Error become_successor(const Origin& origin, const Estate& estate) {
  auto arguments = origin.arguments;
  if (chdir(origin.directory.c_str()) != 0)
    return system_error("changing to " + origin.directory);
  // Libraries may have opened descriptors that would outlast the exec.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const auto& [variable, fd] :
       {std::pair{kLockVariable, estate.lock}, std::pair{kScriptsVariable, estate.scripts.memory},
        std::pair{kScriptsSocketVariable, estate.scripts.socket}}) {
    if (auto status = leave(variable, fd); !status)
      return std::move(status).error();
  }
  platform::unsettle_process(); // it settles anew, from what this process found
  execv(origin.program.c_str(), pointers(arguments).data());
  return system_error("executing " + origin.program);
}

} // namespace xvrrp::controller
