// SPDX-License-Identifier: BSD-2-Clause
#include "config/source.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xvrrp::config {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Null, and errno, when it cannot be opened; null and 0 when it is no regular file. To open a FIFO would
/// wait for a writer, and to open a device may do something: it is looked at before.
std::FILE* open_regular(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return nullptr;
  errno = S_ISDIR(status.st_mode) ? EISDIR : 0;
  if (!S_ISREG(status.st_mode))
    return nullptr;
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  std::FILE* const file = fd < 0 ? nullptr : ::fdopen(fd, "rb");
  if (file == nullptr && fd >= 0)
    ::close(fd);
  return file;
}

} // namespace

std::optional<Source> read_source(const std::string& path, std::string& problem) {
  const std::unique_ptr<std::FILE, CloseFile> file{open_regular(path)};
  if (!file) {
    problem = std::string{"cannot read: "} + (errno == 0 ? "it is no regular file" : std::strerror(errno));
    return std::nullopt;
  }
  Source source{path, {}};
  std::array<char, 65536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    if (source.text.size() + count > kMaxFileSize) {
      problem = "cannot read: larger than 16 MiB";
      return std::nullopt;
    }
    source.text.append(buffer.data(), count);
  }
  if (std::ferror(file.get()) != 0) {
    problem = std::string{"cannot read: "} + std::strerror(errno);
    return std::nullopt;
  }
  return source;
}

} // namespace xvrrp::config
