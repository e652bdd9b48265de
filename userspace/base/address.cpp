// SPDX-License-Identifier: BSD-2-Clause
#include <xvrrp/base/address.hpp>

#include <arpa/inet.h>

namespace xvrrp {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated{text};
  Bytes bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1)
    return IpAddress{Family::IPv4, bytes};
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1)
    return IpAddress{Family::IPv6, bytes};
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const int family = family_ == Family::IPv4 ? AF_INET : AF_INET6;
  return inet_ntop(family, bytes_.data(), buffer.data(), buffer.size());
}

std::string IpPrefix::text() const {
  return address.text() + "/" + std::to_string(length);
}

} // namespace xvrrp
