// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/instance_lock.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dataplane/loader.hpp"

namespace xvrrp::dataplane {
namespace {

/// A '+' is in no instance's name.
std::string lock_name(const std::string& instance) {
  return pin_name(instance) + "+lock";
}

/// The living process that holds the lock, by what the kernel says. Absent: it is in another container, or
/// just gone.
std::optional<int> holder_of(int fd) {
  struct stat locked {};
  if (fstat(fd, &locked) != 0)
    return std::nullopt;
  std::ifstream locks{"/proc/locks"};
  for (std::string line; std::getline(locks, line);) {
    int pid = 0;
    unsigned major = 0;
    unsigned minor = 0;
    unsigned long inode = 0;
    if (std::sscanf(line.c_str(), "%*d: FLOCK %*s WRITE %d %x:%x:%lu", &pid, &major, &minor, &inode) == 4 &&
        makedev(major, minor) == locked.st_dev && inode == locked.st_ino && kill(pid, 0) == 0)
      return pid;
  }
  return std::nullopt;
}

Error conflict(const std::string& instance, std::optional<int> holder) {
  return {ErrorKind::Conflict, "instance \"" + instance + "\" is already run by xvrrpd (" +
                                   (holder ? "pid " + std::to_string(*holder)
                                           : std::string{"a process that cannot be seen from here"}) +
                                   ")"};
}

} // namespace

Result<InstanceLock> InstanceLock::acquire(const std::string& instance) {
  auto root = PinDirectory::make_root();
  if (!root)
    return std::move(root).error();
  for (;;) {
    auto directory = root->make(lock_name(instance));
    if (!directory)
      return std::move(directory).error();
    if (flock(directory->fd(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK)
        return conflict(instance, holder_of(directory->fd()));
      return system_error("locking " + directory->path());
    }
    // Its last owner may have removed it between our opening and our locking it.
    if (directory->is_at_its_path())
      return InstanceLock{*std::move(root), lock_name(instance), std::move(*directory).release()};
  }
}

Result<InstanceLock> InstanceLock::inherit(const std::string& instance, int fd) {
  UniqueFd inherited{fd};
  struct stat ours {};
  struct stat there {};
  auto root = PinDirectory::make_root();
  if (!root)
    return std::move(root).error();
  if (fstat(fd, &ours) != 0 ||
      fstatat(root->fd(), lock_name(instance).c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0 ||
      ours.st_ino != there.st_ino || ours.st_dev != there.st_dev || flock(fd, LOCK_EX | LOCK_NB) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    return acquire(instance);
  return InstanceLock{*std::move(root), lock_name(instance), std::move(inherited)};
}

int InstanceLock::pass_on() const noexcept {
  fcntl(locked_.get(), F_SETFD, 0);
  return locked_.get();
}

InstanceLock::~InstanceLock() {
  // Removed while still locked, so that nobody can lock it in between and lose it.
  if (locked_)
    unlinkat(root_.fd(), name_.c_str(), AT_REMOVEDIR);
}

} // namespace xvrrp::dataplane
