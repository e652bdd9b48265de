// SPDX-License-Identifier: BSD-2-Clause
#include "platform/sysctl.hpp"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

namespace {

/// The kernel shows each process its own network namespace there.
std::string path_of(Family family, const std::string& interface, const std::string& setting) {
  return (family == Family::IPv4 ? "/proc/sys/net/ipv4/conf/" : "/proc/sys/net/ipv6/conf/") + interface +
         "/" + setting;
}

} // namespace

Result<std::string> ip_setting(Family family, const std::string& interface, const std::string& setting) {
  const auto path = path_of(family, interface, setting);
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd)
    return system_error("opening " + path);
  std::array<char, 64> buffer{};
  const auto size = ::read(fd.get(), buffer.data(), buffer.size());
  if (size < 0)
    return system_error("reading " + path);
  std::string value{buffer.data(), static_cast<std::size_t>(size)};
  return value.substr(0, value.find('\n'));
}

Status set_ipv4_setting(const std::string& interface, const std::string& setting, const std::string& value) {
  const auto path = path_of(Family::IPv4, interface, setting);
  const UniqueFd fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!fd)
    return system_error("opening " + path);
  if (::write(fd.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size()))
    return system_error("writing " + path);
  return Done{};
}

} // namespace xvrrp::platform
