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

Result<std::string> read_all(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t length = 0;
  while (length < size) {
    const auto count = ::read(fd, text.data() + length, size - length);
    if (count < 0 && errno != EINTR)
      return system_error("reading");
    if (count == 0)
      break;
    length += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  text.resize(length);
  return text;
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

Result<std::optional<std::string>> read_own_file(const std::string& path, std::size_t most) {
  // One that is a pipe must not be waited for.
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!fd && errno == ENOENT)
    return std::optional<std::string>{};
  if (!fd)
    return system_error(path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0)
    return system_error(path);
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return failed(path + ": it is not a file that only its owner, this user, may write");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > most)
    return failed(path + ": it is longer than " + std::to_string(most) + " bytes");
  auto text = read_all(fd.get(), size);
  if (!text)
    return std::move(text).error().in(path);
  return std::optional{*std::move(text)};
}

} // namespace xvrrp::platform
