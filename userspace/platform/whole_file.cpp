// SPDX-License-Identifier: BSD-2-Clause
#include "platform/whole_file.hpp"

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
