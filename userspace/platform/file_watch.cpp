// SPDX-License-Identifier: BSD-2-Clause
#include "platform/file_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "platform/whole_file.hpp"

namespace xvrrp::platform {

Result<FileWatch> FileWatch::create() {
  UniqueFd fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!fd)
    return system_error("inotify_init1");
  return FileWatch{std::move(fd)};
}

Status FileWatch::watch(const std::vector<std::string>& paths) {
  Status status = Done{};
  for (const std::filesystem::path path : paths) {
    const auto directory = path.parent_path().string();
    const int watch = ::inotify_add_watch(fd_.get(), directory.c_str(),
                                          IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM |
                                              IN_CREATE | IN_DELETE | IN_ONLYDIR);
    if (watch < 0)
      status = system_error("watching " + directory);
    else
      files_.emplace(watch, path.filename().string());
  }
  return status;
}

bool FileWatch::drain() {
  bool changed = false;
  alignas(inotify_event) std::array<char, 4096> buffer;
  for (ssize_t count = 0; (count = ::read(fd_.get(), buffer.data(), buffer.size())) > 0;) {
    for (const char* at = buffer.data(); at < buffer.data() + count;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      // Others have files in the directory, too. What has no name is of all of them: some events were lost,
      // or the directory is gone.
      changed |= event.len == 0 || files_.count({event.wd, at + sizeof event}) > 0;
      at += sizeof event + event.len;
    }
  }
  return changed;
}

int read_number(const std::string& path) {
  const auto text = read_whole_file(path, 64).value_or("");
  return static_cast<int>(std::clamp<long>(std::strtol(text.c_str(), nullptr, 10), INT_MIN, INT_MAX));
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
