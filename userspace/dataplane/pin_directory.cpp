// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/pin_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <bpf/bpf.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <xvrrp/abi/names.h>

namespace xvrrp::dataplane {
namespace {

const std::filesystem::path kRoot{XV_PIN_ROOT};
const std::string kMountPoint = kRoot.parent_path();

/// Path-based calls of bpf(2) reach an open directory this way on every kernel; BPF_F_PATH_FD is of 6.5.
std::string path_of_descriptor(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

bool is_trusted(uid_t owner) {
  return owner == 0 || owner == geteuid();
}

Error not_trusted(const std::string& path, const std::string& why) {
  return failed(
      path + " " + why +
      ": what is pinned there would not be safe. As root, look at it, remove it, and keep others out: "
      "chmod 0700 " +
      kMountPoint);
}

Error no_directory(int dir, const std::string& name, const std::string& path) {
  const int code = errno;
  struct stat found {};
  if ((code == ENOTDIR || code == ELOOP) && fstatat(dir, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0)
    return not_trusted(path, "is " +
                                 std::string{S_ISLNK(found.st_mode) ? "a symbolic link" : "no directory"} +
                                 " (made by uid " + std::to_string(found.st_uid) + ")");
  if (code == ENOENT)
    return {ErrorKind::NotRunning, path + " does not exist"};
  return system_error("opening " + path, code);
}

/// Whether nobody but root can change what is in it. In a sticky directory others may add, but not change.
Status check(int fd, const std::string& path, bool sticky_will_do) {
  struct statfs system {};
  struct stat found {};
  if (fstatfs(fd, &system) != 0 || fstat(fd, &found) != 0)
    return system_error("looking at " + path);
  if (system.f_type != BPF_FS_MAGIC)
    return failed(path + " is not on a BPF file system; as root: mount -t bpf -o mode=0700 bpf " +
                  kMountPoint);
  if (!is_trusted(found.st_uid))
    return not_trusted(path, "belongs to uid " + std::to_string(found.st_uid) + ", not root");
  const bool open_to_others = (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (open_to_others && !(sticky_will_do && (found.st_mode & S_ISVTX) != 0))
    return not_trusted(path, "may be written to by others than root");
  return Done{};
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

} // namespace

Result<PinDirectory> PinDirectory::mount_point() {
  UniqueFd fd{::open(kMountPoint.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!fd)
    return system_error("opening " + kMountPoint);
  return PinDirectory{std::move(fd), kMountPoint};
}

Result<PinDirectory> PinDirectory::root() {
  auto mounted = mount_point();
  if (!mounted)
    return mounted;
  auto root = mounted->open(kRoot.filename());
  if (!root)
    return root;
  if (auto status = check(mounted->fd(), kMountPoint, true); !status)
    return std::move(status).error();
  return root;
}

Result<PinDirectory> PinDirectory::make_root() {
  auto mounted = mount_point();
  if (!mounted)
    return mounted;
  if (auto status = check(mounted->fd(), kMountPoint, true); !status)
    return std::move(status).error();
  return mounted->make(kRoot.filename());
}

Result<PinDirectory> PinDirectory::open(const std::string& name) const {
  auto path = path_of(name);
  UniqueFd fd{openat(fd_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!fd)
    return no_directory(fd_.get(), name, path);
  if (auto status = check(fd.get(), path, false); !status)
    return std::move(status).error();
  return PinDirectory{std::move(fd), std::move(path)};
}

Result<PinDirectory> PinDirectory::make(const std::string& name) const {
  if (mkdirat(fd_.get(), name.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error("creating " + path_of(name));
  return open(name);
}

Result<UniqueFd> PinDirectory::get(const std::string& name) const {
  const UniqueFd entry{openat(fd_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  if (!entry && errno == ENOENT)
    return Error{ErrorKind::NotRunning, path_of(name) + " does not exist"};
  struct stat found {};
  if (!entry || fstat(entry.get(), &found) != 0)
    return system_error("opening " + path_of(name));
  if (!S_ISREG(found.st_mode) || !is_trusted(found.st_uid))
    return not_trusted(path_of(name), "is no pin of root's");
  UniqueFd object{bpf_obj_get(path_of_descriptor(entry.get()).c_str())};
  if (!object)
    return system_error("opening " + path_of(name));
  return object;
}

bool PinDirectory::has(const std::string& name) const {
  struct stat found {};
  return fstatat(fd_.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(found.st_mode);
}

Status PinDirectory::pin(int object_fd, const std::string& name) const {
  const auto path = path_of_descriptor(fd_.get()) + "/" + name;
  if (bpf_obj_pin(object_fd, path.c_str()) == 0)
    return Done{};
  return system_error("pinning " + path_of(name));
}

Status PinDirectory::unpin(const std::string& name) const {
  if (unlinkat(fd_.get(), name.c_str(), 0) == 0 || errno == ENOENT)
    return Done{};
  return system_error("removing " + path_of(name));
}

Status PinDirectory::move(const std::string& name, const PinDirectory& to,
                          const std::string& new_name) const {
  if (renameat(fd_.get(), name.c_str(), to.fd(), new_name.c_str()) == 0)
    return Done{};
  return system_error("renaming " + path_of(name));
}

Status PinDirectory::remove(const std::string& name) const {
  const auto directory = open(name);
  if (!directory)
    return directory.error().kind == ErrorKind::NotRunning ? Status{Done{}} : Status{directory.error()};
  for (const auto& entry : directory->names()) {
    if (unlinkat(directory->fd(), entry.c_str(), 0) == 0)
      continue;
    if (errno != EISDIR)
      return system_error("removing " + directory->path_of(entry));
    if (auto status = directory->remove(entry); !status)
      return status;
  }
  if (unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return system_error("removing " + path_of(name));
  return Done{};
}

std::vector<std::string> PinDirectory::names() const {
  std::vector<std::string> all;
  UniqueFd fd{openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; // a position of its own
  const std::unique_ptr<DIR, CloseDirectory> directory{fdopendir(fd.get())};
  if (!directory)
    return all;
  (void)fd.release();
  while (const auto* entry = readdir(directory.get())) {
    if (const std::string name = entry->d_name; name != "." && name != "..")
      all.push_back(name);
  }
  std::sort(all.begin(), all.end());
  return all;
}

bool PinDirectory::is_at_its_path() const {
  struct stat ours {};
  struct stat there {};
  return fstat(fd_.get(), &ours) == 0 && lstat(path_.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

} // namespace xvrrp::dataplane
