// SPDX-License-Identifier: BSD-2-Clause
#include "platform/raw_ip_socket.hpp"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "platform/control_priority.hpp"

namespace xvrrp::platform {

namespace {

UniqueFd raw_socket(int domain) noexcept {
  return UniqueFd{::socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW)};
}

/// Where a packet goes: the socket address and the ancillary data that names the interface.
template <typename Address, typename PacketInfo>
struct Target {
  Address address{};
  int level = 0;
  int type = 0;
  PacketInfo info{};
};

template <typename Address, typename PacketInfo>
int send_to(int fd, const Target<Address, PacketInfo>& target, std::span<const std::byte> packet) noexcept {
  iovec payload{const_cast<std::byte*>(packet.data()), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(PacketInfo))] = {};
  msghdr message{};
  message.msg_name = const_cast<Address*>(&target.address);
  message.msg_namelen = sizeof target.address;
  message.msg_iov = &payload;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = target.level;
  header->cmsg_type = target.type;
  header->cmsg_len = CMSG_LEN(sizeof target.info);
  std::memcpy(CMSG_DATA(header), &target.info, sizeof target.info);
  return ::sendmsg(fd, &message, MSG_DONTWAIT) < 0 ? errno : 0;
}

} // namespace

Result<RawIpSocket> RawIpSocket::open() {
  UniqueFd ipv4 = raw_socket(AF_INET);
  if (!ipv4)
    return system_error("opening a raw IPv4 socket (CAP_NET_RAW)");
  if (auto status = set_control_priority(ipv4.get()); !status)
    return std::move(status).error();
  UniqueFd ipv6 = raw_socket(AF_INET6);
  if (!ipv6 && errno != EAFNOSUPPORT)
    return system_error("opening a raw IPv6 socket (CAP_NET_RAW)");
  if (ipv6) {
    if (auto status = set_control_priority(ipv6.get()); !status)
      return std::move(status).error();
  }
  return RawIpSocket{std::move(ipv4), std::move(ipv6)};
}

int RawIpSocket::send(std::uint32_t ifindex, const IpAddress& destination,
                      std::span<const std::byte> packet) noexcept {
  if (destination.family() == Family::IPv4) {
    Target<sockaddr_in, in_pktinfo> target;
    target.address.sin_family = AF_INET;
    std::memcpy(&target.address.sin_addr, destination.bytes().data(), sizeof target.address.sin_addr);
    target.level = IPPROTO_IP;
    target.type = IP_PKTINFO;
    target.info.ipi_ifindex = static_cast<int>(ifindex);
    return send_to(ipv4_.get(), target, packet);
  }
  if (!ipv6_)
    return EAFNOSUPPORT;
  // The interface also is the zone of a link-local destination. The source stays unspecified: the kernel
  // refuses one that is not its own, and looks at all interfaces' routes for one that is.
  Target<sockaddr_in6, in6_pktinfo> target;
  target.address.sin6_family = AF_INET6;
  std::memcpy(&target.address.sin6_addr, destination.bytes().data(), sizeof target.address.sin6_addr);
  target.level = IPPROTO_IPV6;
  target.type = IPV6_PKTINFO;
  target.info.ipi6_ifindex = ifindex;
  return send_to(ipv6_.get(), target, packet);
}

} // namespace xvrrp::platform
