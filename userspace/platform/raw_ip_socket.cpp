// SPDX-License-Identifier: BSD-2-Clause
#include "platform/raw_ip_socket.hpp"

#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "platform/control_priority.hpp"

namespace xvrrp::platform {

Result<RawIpv4Socket> RawIpv4Socket::open() {
  UniqueFd fd{::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW)};
  if (!fd)
    return system_error("opening a raw IPv4 socket (CAP_NET_RAW)");
  if (auto status = set_control_priority(fd.get()); !status)
    return std::move(status).error();
  return RawIpv4Socket{std::move(fd)};
}

int RawIpv4Socket::send(std::uint32_t ifindex, const IpAddress& destination,
                        std::span<const std::byte> packet) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::memcpy(&address.sin_addr, destination.bytes().data(), sizeof address.sin_addr);
  iovec payload{const_cast<std::byte*>(packet.data()), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof address;
  message.msg_iov = &payload;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_ifindex = static_cast<int>(ifindex);
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
  return ::sendmsg(fd_.get(), &message, MSG_DONTWAIT) < 0 ? errno : 0;
}

} // namespace xvrrp::platform
