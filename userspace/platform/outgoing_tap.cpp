// SPDX-License-Identifier: BSD-2-Clause
#include "platform/outgoing_tap.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace xvrrp::platform {
namespace {

constexpr std::uint32_t kVrrp = 112;
constexpr std::size_t kMacs = 12; ///< a VLAN tag stands behind the two
constexpr std::size_t kTag = 4;
constexpr std::size_t kLongest = 65536;

/// Drops what is not outgoing, and of that what is neither VRRP nor tagged. The offsets are those of frames
/// without a tag: one that the device is to insert is not among the bytes.
constexpr std::array<sock_filter, 14> kFilter{{
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<__u32>(SKF_AD_OFF + SKF_AD_PKTTYPE)},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 11, PACKET_OUTGOING},
    {BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
    {BPF_JMP | BPF_JEQ | BPF_K, 4, 0, ETH_P_IP},
    {BPF_JMP | BPF_JEQ | BPF_K, 5, 0, ETH_P_IPV6},
    {BPF_JMP | BPF_JEQ | BPF_K, 6, 0, ETH_P_8021Q},
    {BPF_JMP | BPF_JEQ | BPF_K, 5, 0, ETH_P_8021AD},
    {BPF_RET | BPF_K, 0, 0, 0},
    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 23}, // IPv4 protocol
    {BPF_JMP | BPF_JA, 0, 0, 1},
    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 20}, // IPv6 next header
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, kVrrp},
    {BPF_RET | BPF_K, 0, 0, kLongest},
    {BPF_RET | BPF_K, 0, 0, 0},
}};

template <typename Value>
Value value_of(const cmsghdr& header) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

} // namespace

Result<OutgoingTap> OutgoingTap::open(std::uint32_t ifindex) {
  // Without a protocol it receives nothing until it is bound, when its filter is in place.
  UniqueFd fd{::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd)
    return system_error("opening a packet socket (CAP_NET_RAW)");
  auto filter = kFilter;
  const sock_fprog program{filter.size(), filter.data()};
  const int yes = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
      ::setsockopt(fd.get(), SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) != 0 ||
      ::setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0)
    return system_error("preparing a packet socket");
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = static_cast<int>(ifindex);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    return system_error("binding a packet socket to its interface");
  return OutgoingTap{std::move(fd)};
}

OutgoingTap::OutgoingTap(UniqueFd fd) : fd_(std::move(fd)), buffer_(kTag + kLongest) {}

bool OutgoingTap::next(Frame& frame) {
  // Room before the frame, so that a tag goes in by moving the two MACs.
  std::uint8_t* const start = buffer_.data() + kTag;
  iovec payload{start, kLongest};
  alignas(cmsghdr)
      std::array<std::uint8_t, CMSG_SPACE(sizeof(tpacket_auxdata)) + CMSG_SPACE(sizeof(timespec))>
          control{};
  msghdr message{};
  message.msg_iov = &payload;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto size = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_TRUNC);
  if (size < static_cast<ssize_t>(kMacs))
    return false;
  const auto length = static_cast<std::size_t>(size);
  frame.bytes = {start, std::min(length, kLongest)};
  frame.length = static_cast<std::uint32_t>(length);
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
      const auto moment = value_of<timespec>(*header);
      frame.since_epoch = std::chrono::seconds{moment.tv_sec} + Nanoseconds{moment.tv_nsec};
    } else if (header->cmsg_level == SOL_PACKET && header->cmsg_type == PACKET_AUXDATA) {
      const auto aux = value_of<tpacket_auxdata>(*header);
      if ((aux.tp_status & TP_STATUS_VLAN_VALID) == 0)
        continue;
      const auto tpid = static_cast<std::uint16_t>(
          (aux.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? aux.tp_vlan_tpid : ETH_P_8021Q);
      std::memmove(buffer_.data(), start, kMacs);
      std::uint8_t* const tag = buffer_.data() + kMacs;
      tag[0] = static_cast<std::uint8_t>(tpid >> 8);
      tag[1] = static_cast<std::uint8_t>(tpid & 0xff);
      tag[2] = static_cast<std::uint8_t>(aux.tp_vlan_tci >> 8);
      tag[3] = static_cast<std::uint8_t>(aux.tp_vlan_tci & 0xff);
      frame.bytes = {buffer_.data(), frame.bytes.size() + kTag};
      frame.length += kTag;
    }
  }
  return true;
}

std::uint32_t OutgoingTap::lost() noexcept {
  tpacket_stats stats{};
  socklen_t size = sizeof stats;
  if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) != 0)
    return 0;
  return stats.tp_drops;
}

} // namespace xvrrp::platform
