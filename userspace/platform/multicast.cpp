// SPDX-License-Identifier: BSD-2-Clause
#include "platform/multicast.hpp"

#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace xvrrp::platform {

namespace {

int add_membership(int fd, std::uint32_t ifindex, const IpAddress& group) {
  if (group.family() == Family::IPv4) {
    ip_mreqn request{};
    std::memcpy(&request.imr_multiaddr, group.bytes().data(), group.size());
    request.imr_ifindex = static_cast<int>(ifindex);
    return ::setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
  }
  ipv6_mreq request{};
  std::memcpy(&request.ipv6mr_multiaddr, group.bytes().data(), group.size());
  request.ipv6mr_interface = ifindex;
  return ::setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request);
}

} // namespace

Status MulticastMemberships::join(std::uint32_t ifindex, const IpAddress& group) {
  const std::string where = "joining " + group.text() + " on interface " + std::to_string(ifindex);
  UniqueFd& socket = sockets_[{ifindex, group.family()}];
  if (!socket) {
    const int domain = group.family() == Family::IPv4 ? AF_INET : AF_INET6;
    socket = UniqueFd{::socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!socket)
      return system_error(where);
  }
  if (add_membership(socket.get(), ifindex, group) != 0 && errno != EADDRINUSE)
    return system_error(where);
  return Done{};
}

void MulticastMemberships::leave(std::uint32_t ifindex) noexcept {
  sockets_.erase({ifindex, Family::IPv4});
  sockets_.erase({ifindex, Family::IPv6});
}

} // namespace xvrrp::platform
