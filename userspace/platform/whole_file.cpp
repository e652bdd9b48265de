// SPDX-License-Identifier: BSD-2-Clause
#include "platform/whole_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {
namespace {

Status write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR)
      return system_error("writing");
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return Done{};
}

} // namespace

std::optional<std::string> read_whole_file(const std::string& path, std::size_t most) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return std::nullopt;
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  std::string text;
  std::array<char, 4096> chunk;
  while (fd && text.size() < most) {
    const auto count = ::read(fd.get(), chunk.data(), std::min(chunk.size(), most - text.size()));
    if (count == 0)
      return text;
    if (count > 0)
      text.append(chunk.data(), static_cast<std::size_t>(count));
    else if (errno != EINTR)
      return std::nullopt;
  }
  return fd ? std::optional{std::move(text)} : std::nullopt;
}

Status write_whole_file(const std::string& path, const std::string& text, mode_t mode) {
  // In the same directory, so that it can be renamed. mkostemp() opens it with O_EXCL, under a name that
  // nobody can foresee.
  std::string temporary = path + ".XXXXXX";
  const UniqueFd fd{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (!fd)
    return system_error(path);
  auto status = write_all(fd.get(), text);
  if (status && ::fchmod(fd.get(), mode) != 0)
    status = system_error("changing its mode");
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0)
    status = system_error("renaming " + temporary);
  if (status)
    return status;
  ::unlink(temporary.c_str());
  return std::move(status).error().in(path);
}

} // namespace xvrrp::platform
