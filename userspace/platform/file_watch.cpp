// SPDX-License-Identifier: BSD-2-Clause
#include "platform/file_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace xvrrp::platform {

Result<FileWatch> FileWatch::create() {
  UniqueFd fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!fd)
    return system_error("inotify_init1");
  return FileWatch{std::move(fd)};
}

Status FileWatch::watch(const std::vector<std::string>& paths) {
  for (const int watch : watches_)
    ::inotify_rm_watch(fd_.get(), watch);
  watches_.clear();
  std::set<std::string> directories;
  for (const auto& path : paths)
    directories.insert(std::filesystem::path{path}.parent_path().string());
  Status status = Done{};
  for (const auto& directory : directories) {
    const int watch = ::inotify_add_watch(fd_.get(), directory.c_str(),
                                          IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM |
                                              IN_CREATE | IN_DELETE | IN_ONLYDIR);
    if (watch < 0)
      status = system_error("watching " + directory);
    else
      watches_.push_back(watch);
  }
  return status;
}

void FileWatch::drain() {
  std::array<char, 4096> buffer{};
  while (::read(fd_.get(), buffer.data(), buffer.size()) > 0) {
  }
}

int read_number(const std::string& path) {
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  std::array<char, 64> text{};
  if (!fd || ::read(fd.get(), text.data(), text.size() - 1) <= 0)
    return 0;
  return static_cast<int>(std::clamp<long>(std::strtol(text.data(), nullptr, 10), INT_MIN, INT_MAX));
}

Status write_number(const std::string& path, int number, bool overwrite) {
  const int how = overwrite ? O_TRUNC : O_EXCL;
  const UniqueFd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | how, 0644)};
  if (!fd)
    return errno == EEXIST ? Status{Done{}} : system_error("making " + path);
  const auto text = std::to_string(number) + "\n";
  if (::write(fd.get(), text.data(), text.size()) < 0)
    return system_error("writing " + path);
  return Done{};
}

} // namespace xvrrp::platform
