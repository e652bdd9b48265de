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
  if (const char* lock = std::getenv(kLockVariable)) {
    origin.lock = std::atoi(lock);
    unsetenv(kLockVariable);
  }
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

Error become_successor(const Origin& origin, int lock) {
  auto arguments = origin.arguments;
  setenv(kLockVariable, std::to_string(lock).c_str(), 1);
  if (chdir(origin.directory.c_str()) != 0)
    return system_error("changing to " + origin.directory);
  // Libraries may have opened descriptors that would outlast the exec.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (fcntl(lock, F_SETFD, 0) != 0)
    return system_error("keeping the instance's lock");
  platform::unsettle_process(); // it settles anew, from what this process found
  execv(origin.program.c_str(), pointers(arguments).data());
  return system_error("executing " + origin.program);
}

} // namespace xvrrp::controller
