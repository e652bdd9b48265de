// SPDX-License-Identifier: BSD-2-Clause
#include "platform/packet_socket.hpp"

#include <algorithm>
#include <array>
#include <new>

#include <linux/if_packet.h>
#include <sys/socket.h>

#include "platform/control_priority.hpp"

namespace xvrrp::platform {

namespace {

constexpr std::size_t kPerCall = 256;
// A queued 60-byte frame counts for about 1 KiB: 250 virtual routers with ten addresses each fit without
// EAGAIN.
constexpr int kSendBuffer = 8 << 20;

// The protocol may stay zero: the kernel reads it from the frame.
sockaddr_ll link_address(std::uint32_t ifindex) noexcept {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(ifindex);
  return address;
}

} // namespace

struct PacketSocket::Vectors {
  std::array<mmsghdr, kPerCall> messages{};
  std::array<iovec, kPerCall> payloads{};
  std::array<sockaddr_ll, kPerCall> addresses{};
};

void PacketSocket::DeleteVectors::operator()(Vectors* vectors) const noexcept {
  delete vectors;
}

Result<PacketSocket> PacketSocket::open() {
  UniqueFd fd{::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd)
    return system_error("opening a packet socket (CAP_NET_RAW)");
  if (auto status = set_control_priority(fd.get()); !status)
    return std::move(status).error();
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer, sizeof kSendBuffer) != 0)
    return system_error("enlarging a packet socket's send buffer (CAP_NET_ADMIN)");
  return PacketSocket{std::move(fd), VectorsOwner{new Vectors}};
}

int PacketSocket::send(std::uint32_t ifindex, std::span<const std::byte> frame) noexcept {
  const sockaddr_ll address = link_address(ifindex);
  const auto sent = ::sendto(fd_.get(), frame.data(), frame.size(), MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return sent < 0 ? errno : 0;
}

SendOutcome PacketSocket::send_batch(std::span<OutgoingFrame> frames) noexcept {
  SendOutcome outcome;
  while (!frames.empty()) {
    const std::size_t count = std::min(frames.size(), kPerCall);
    for (std::size_t i = 0; i < count; ++i) {
      const auto bytes = frames[i].bytes;
      vectors_->addresses[i] = link_address(frames[i].ifindex);
      vectors_->payloads[i] = {const_cast<std::byte*>(bytes.data()), bytes.size()};
      msghdr& header = vectors_->messages[i].msg_hdr;
      header.msg_name = &vectors_->addresses[i];
      header.msg_namelen = sizeof(sockaddr_ll);
      header.msg_iov = &vectors_->payloads[i];
      header.msg_iovlen = 1;
    }
    const int sent =
        ::sendmmsg(fd_.get(), vectors_->messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent > 0) {
      // Fewer than asked: the next call begins with the frame that failed and says why.
      outcome.sent += static_cast<std::size_t>(sent);
      for (auto& frame : frames.first(static_cast<std::size_t>(sent)))
        frame.error = 0;
      frames = frames.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    const int code = errno;
    if (outcome.error == 0)
      outcome.error = code;
    const auto refused = code == EAGAIN ? frames.size() : 1;
    for (auto& frame : frames.first(refused))
      frame.error = code;
    frames = frames.subspan(refused);
  }
  return outcome;
}

} // namespace xvrrp::platform
