// SPDX-License-Identifier: BSD-2-Clause
#include "platform/instance_lock.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

namespace xvrrp::platform {

namespace {

struct flock whole_file() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

Result<bool> is_locked(int fd, const std::string& path) {
  struct flock range = whole_file();
  if (::fcntl(fd, F_OFD_GETLK, &range) != 0)
    return system_error("asking for the lock on " + path);
  return range.l_type != F_UNLCK;
}

std::optional<pid_t> read_pid(int fd) {
  std::array<char, 24> text{};
  const auto length = ::pread(fd, text.data(), text.size(), 0);
  pid_t pid = 0;
  if (length <= 0 || std::from_chars(text.data(), text.data() + length, pid).ec != std::errc{})
    return std::nullopt;
  return pid;
}

Status write_pid(int fd, const std::string& path) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return system_error("writing " + path);
  return Done{};
}

// The path may name another file by now: its last owner removed it between our open and our lock.
bool is_still_at(int fd, const std::string& path) {
  struct stat ours {};
  struct stat there {};
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

bool is_in_our_network(pid_t pid) {
  struct stat ours {};
  struct stat theirs {};
  return ::stat("/proc/self/ns/net", &ours) == 0 &&
         ::stat(("/proc/" + std::to_string(pid) + "/ns/net").c_str(), &theirs) == 0 &&
         ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

Error conflict(std::string_view instance) {
  std::string message = "instance \"" + std::string{instance} + "\" is already run by xvrrpd";
  if (const auto other = holder(instance); other && *other)
    message += " (pid " + std::to_string(**other) + ")";
  return {ErrorKind::Conflict, std::move(message)};
}

} // namespace

bool is_valid_instance_name(std::string_view name) {
  constexpr std::size_t kLongest = 32;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= kLongest && name.front() != '.' && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string runtime_path(std::string_view instance, std::string_view suffix) {
  return std::string{kRuntimeDirectory} + "/" + std::string{instance} + std::string{suffix};
}

Result<std::optional<pid_t>> holder(std::string_view instance) {
  using namespace std::chrono_literals;
  const std::string path = runtime_path(instance, ".pid");
  // A daemon that has just started holds the lock for a moment before its pid is in the file.
  constexpr int kAttempts = 50;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd && errno == ENOENT)
      return std::optional<pid_t>{};
    if (!fd)
      return system_error("opening " + path);
    const auto locked = is_locked(fd.get(), path);
    if (!locked)
      return locked.error();
    if (!*locked)
      return std::optional<pid_t>{};
    if (const auto pid = read_pid(fd.get()))
      return pid;
    std::this_thread::sleep_for(1ms);
  }
  return failed(path + " is locked, but holds no pid");
}

std::vector<std::string> instances_here() {
  std::vector<std::string> names;
  std::error_code none;
  std::filesystem::directory_iterator files{kRuntimeDirectory, none};
  for (; !none && files != std::filesystem::directory_iterator{}; files.increment(none)) {
    const auto name = files->path().stem().string();
    if (files->path().extension() != ".pid" || !is_valid_instance_name(name))
      continue;
    if (const auto pid = holder(name); pid && *pid && is_in_our_network(**pid))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<InstanceLock> InstanceLock::acquire(std::string_view instance) {
  if (!is_valid_instance_name(instance))
    return Error{ErrorKind::Usage,
                 "instance name \"" + std::string{instance} +
                     "\": allowed are 1 to 32 characters of A-Z a-z 0-9 _ . - that do not begin with "
                     "'.' or '-'"};
  if (::mkdir(kRuntimeDirectory, 0755) != 0 && errno != EEXIST)
    return system_error(std::string{"creating "} + kRuntimeDirectory);
  const std::string path = runtime_path(instance, ".pid");
  for (;;) {
    UniqueFd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)};
    if (!fd)
      return system_error("opening " + path);
    const struct flock range = whole_file();
    if (::fcntl(fd.get(), F_OFD_SETLK, &range) != 0) {
      if (errno == EAGAIN || errno == EACCES)
        return conflict(instance);
      return system_error("locking " + path);
    }
    if (!is_still_at(fd.get(), path))
      continue;
    InstanceLock lock{std::move(fd), path}; // whose file goes with it
    if (auto status = write_pid(lock.fd_.get(), path); !status)
      return std::move(status).error();
    return lock;
  }
}

Result<InstanceLock> InstanceLock::inherit(std::string_view instance, int fd) {
  if (!is_valid_instance_name(instance))
    return acquire(instance); // says what is wrong
  const std::string path = runtime_path(instance, ".pid");
  const struct flock range = whole_file();
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || !is_still_at(fd, path) ||
      ::fcntl(fd, F_OFD_SETLK, &range) != 0)
    return acquire(instance);
  return InstanceLock{UniqueFd{fd}, path};
}

int InstanceLock::pass_on() const noexcept {
  ::fcntl(fd_.get(), F_SETFD, 0);
  return fd_.get();
}

InstanceLock::~InstanceLock() {
  // Removed while still locked, so that nobody can lock the file in between and lose it.
  if (fd_)
    ::unlink(path_.c_str());
}

} // namespace xvrrp::platform
