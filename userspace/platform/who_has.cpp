// SPDX-License-Identifier: BSD-2-Clause
#include "platform/who_has.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <xvrrp/base/time.hpp>

#include "platform/clock.hpp"
#include "platform/timespec.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {
namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 2;
constexpr Nanoseconds kSpacing = 1ms;
constexpr Nanoseconds kPatience = 200ms;

Result<UniqueFd> open_arp() {
  UniqueFd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ARP))};
  if (!fd)
    return system_error("opening a packet socket for ARP (CAP_NET_RAW)");
  return fd;
}

/// No descriptor: this kernel has no IPv6.
Result<UniqueFd> open_icmp6() {
  UniqueFd fd{::socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6)};
  if (!fd && errno == EAFNOSUPPORT)
    return fd;
  icmp6_filter wanted{};
  ICMP6_FILTER_SETBLOCKALL(&wanted);
  ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &wanted);
  const int hops = 255; // RFC 4861 7.1.1: another hop limit is not heeded
  const int own_copies = 0;
  const int yes = 1;
  if (!fd || ::setsockopt(fd.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &wanted, sizeof wanted) != 0 ||
      ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) != 0 ||
      ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &own_copies, sizeof own_copies) != 0 ||
      ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes) != 0)
    return system_error("opening a socket for neighbour discovery (CAP_NET_RAW)");
  return fd;
}

void ask_arp(int fd, const WhoHas& question) {
  ether_arp probe{};
  probe.arp_hrd = htons(ARPHRD_ETHER);
  probe.arp_pro = htons(ETH_P_IP);
  probe.arp_hln = sizeof probe.arp_sha;
  probe.arp_pln = sizeof probe.arp_spa;
  probe.arp_op = htons(ARPOP_REQUEST);
  std::copy(question.mac.begin(), question.mac.end(), probe.arp_sha);
  std::copy_n(question.address.bytes().begin(), sizeof probe.arp_tpa, probe.arp_tpa);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(ETH_P_ARP);
  to.sll_ifindex = static_cast<int>(question.ifindex);
  to.sll_halen = ETH_ALEN;
  std::fill_n(to.sll_addr, ETH_ALEN, std::uint8_t{0xff});
  ::sendto(fd, &probe, sizeof probe, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

struct Solicitation {
  nd_neighbor_solicit head{};
  nd_opt_hdr option{ND_OPT_SOURCE_LINKADDR, 1};
  std::array<std::uint8_t, 6> mac{};
};

/// ff02::1:ff00:0/104 (RFC 4291 2.7.1)
in6_addr solicited_node(const IpAddress& address) {
  in6_addr group{{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff}}};
  std::copy(address.bytes().begin() + 13, address.bytes().end(), group.s6_addr + 13);
  return group;
}

void ask_icmp6(int fd, const WhoHas& question) {
  Solicitation message;
  message.head.nd_ns_type = ND_NEIGHBOR_SOLICIT; // the kernel fills in the checksum
  std::memcpy(&message.head.nd_ns_target, question.address.bytes().data(), sizeof(in6_addr));
  message.mac = question.mac;
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_addr = solicited_node(question.address);
  in6_pktinfo from{};
  std::memcpy(&from.ipi6_addr, question.source.bytes().data(), sizeof from.ipi6_addr);
  from.ipi6_ifindex = question.ifindex;
  iovec payload{&message, sizeof message};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof from)] = {};
  msghdr header{};
  header.msg_name = &to;
  header.msg_namelen = sizeof to;
  header.msg_iov = &payload;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* info = CMSG_FIRSTHDR(&header);
  info->cmsg_level = IPPROTO_IPV6;
  info->cmsg_type = IPV6_PKTINFO;
  info->cmsg_len = CMSG_LEN(sizeof from);
  std::memcpy(CMSG_DATA(info), &from, sizeof from);
  ::sendmsg(fd, &header, 0);
}

void hear_arp(int fd, std::set<Holder>& holders) {
  ether_arp answer{};
  sockaddr_ll from{};
  for (socklen_t length = sizeof from;
       ::recvfrom(fd, &answer, sizeof answer, 0, reinterpret_cast<sockaddr*>(&from), &length) >= 0;
       length = sizeof from) {
    if (answer.arp_op != htons(ARPOP_REPLY) || answer.arp_pln != sizeof answer.arp_spa)
      continue;
    const auto& ip = answer.arp_spa;
    Holder holder{
        static_cast<std::uint32_t>(from.sll_ifindex), IpAddress::v4(ip[0], ip[1], ip[2], ip[3]), {}};
    std::copy_n(answer.arp_sha, holder.mac.size(), holder.mac.begin());
    holders.insert(holder);
  }
}

/// The MAC address is in an option; a multicast solicitation's answer has it (RFC 4861 7.2.4).
std::optional<Holder> read_advertisement(std::span<const std::uint8_t> message) {
  nd_neighbor_advert head{};
  if (message.size() < sizeof head)
    return std::nullopt;
  std::memcpy(&head, message.data(), sizeof head);
  for (auto options = message.subspan(sizeof head); options.size() >= 8 && options[1] != 0;) {
    const auto length = std::min<std::size_t>(options[1] * 8U, options.size());
    if (options[0] == ND_OPT_TARGET_LINKADDR) {
      Holder holder{0, IpAddress::from_bytes(Family::IPv6, head.nd_na_target.s6_addr), {}};
      std::copy_n(options.begin() + 2, holder.mac.size(), holder.mac.begin());
      return holder;
    }
    options = options.subspan(length);
  }
  return std::nullopt;
}

void hear_icmp6(int fd, std::set<Holder>& holders) {
  std::array<std::uint8_t, 512> bytes{};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo))];
  for (;;) {
    iovec payload{bytes.data(), bytes.size()};
    msghdr header{};
    header.msg_iov = &payload;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const auto size = ::recvmsg(fd, &header, 0);
    if (size < 0)
      return;
    auto holder = read_advertisement(std::span{bytes}.first(static_cast<std::size_t>(size)));
    const cmsghdr* info = CMSG_FIRSTHDR(&header);
    if (!holder || info == nullptr || info->cmsg_type != IPV6_PKTINFO)
      continue;
    in6_pktinfo to{};
    std::memcpy(&to, CMSG_DATA(info), sizeof to);
    holder->ifindex = to.ipi6_ifindex;
    holders.insert(*holder);
  }
}

void listen_until(Instant end, int arp, int icmp6, std::set<Holder>& holders) {
  for (;;) {
    hear_arp(arp, holders);
    if (icmp6 >= 0)
      hear_icmp6(icmp6, holders);
    const auto left = end - monotonic_now();
    if (left <= 0ns)
      return;
    const auto timeout = to_timespec(left);
    std::array<pollfd, 2> sockets{{{arp, POLLIN, 0}, {icmp6, POLLIN, 0}}};
    ::ppoll(sockets.data(), sockets.size(), &timeout, nullptr);
  }
}

} // namespace

Result<std::set<Holder>> who_has(std::span<const WhoHas> questions) {
  std::set<Holder> heard;
  if (questions.empty())
    return heard;
  const auto arp = open_arp();
  if (!arp)
    return arp.error();
  const auto icmp6 = open_icmp6();
  if (!icmp6)
    return icmp6.error();
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& question : questions) {
      if (question.address.family() == Family::IPv4)
        ask_arp(arp->get(), question);
      else if (*icmp6)
        ask_icmp6(icmp6->get(), question);
      listen_until(monotonic_now() + kSpacing, arp->get(), icmp6->get(), heard);
    }
  }
  listen_until(monotonic_now() + kPatience, arp->get(), icmp6->get(), heard);
  // Others ask, too, and what they were told is heard here on occasion.
  std::set<Holder> holders;
  for (const auto& holder : heard) {
    if (std::any_of(questions.begin(), questions.end(), [&](const auto& question) {
          return question.ifindex == holder.ifindex && question.address == holder.address;
        }))
      holders.insert(holder);
  }
  return holders;
}

} // namespace xvrrp::platform
