// SPDX-License-Identifier: BSD-2-Clause
#include "watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xvrrp::masters {
namespace {

constexpr int kReceiveBuffer = 256 << 20; // a mass takeover is some ten thousand frames within milliseconds
constexpr std::size_t kBatch = 256;
constexpr std::size_t kLongest = 64; // of a frame, what is looked at
constexpr std::size_t kShortest = 42;
constexpr std::uint8_t kVrrp = 112;

using Frame = std::array<std::uint8_t, kLongest>;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// IPv4 protocol 112, or ARP to everybody.
void filter(int descriptor) {
  std::array<sock_filter, 9> code{{
      {BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, ETH_P_IP},
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, 23},
      {BPF_JMP | BPF_JEQ | BPF_K, 4, 3, kVrrp},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, ETH_P_ARP},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0xffffffff},
      {BPF_RET | BPF_K, 0, 0, 0},
      {BPF_RET | BPF_K, 0, 0, kLongest},
  }};
  const sock_fprog program{code.size(), code.data()};
  if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
    fail("SO_ATTACH_FILTER");
}

void set(int descriptor, int level, int option, int value) {
  if (setsockopt(descriptor, level, option, &value, sizeof value) != 0)
    fail("setsockopt");
}

std::uint32_t address_at(const Frame& frame, std::size_t at) {
  std::uint32_t address = 0;
  std::memcpy(&address, frame.data() + at, sizeof address);
  return ntohl(address);
}

std::optional<Seen> read(const Frame& frame, std::size_t length, std::int64_t time_ns) {
  if (length < kShortest)
    return std::nullopt;
  if (frame[12] == 0x08 && frame[13] == 0x00) {
    const std::size_t message = 14 + (frame[14] & 0xfU) * 4;
    if (message + 3 > length)
      return std::nullopt;
    return Seen{Seen::Kind::Advert, time_ns, frame[message + 1], frame[message + 2], 0};
  }
  const std::uint32_t sender = address_at(frame, 28);
  if (sender != address_at(frame, 38))
    return std::nullopt;
  return Seen{Seen::Kind::Announcement, time_ns, 0, 0, sender};
}

std::int64_t time_of(msghdr& header) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS)
      continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return stamp.tv_sec * 1'000'000'000 + stamp.tv_nsec;
  }
  return 0;
}

} // namespace

void enter_namespace(const std::string& name) {
  const std::string path = "/run/netns/" + name;
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail(path);
  const int outcome = setns(descriptor, CLONE_NEWNET);
  close(descriptor);
  if (outcome != 0)
    fail("setns " + path);
}

Watch::Watch(const std::string& port)
    : descriptor_(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0)
    fail("packet socket");
  filter(descriptor_);
  set(descriptor_, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  set(descriptor_, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  set(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer);
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);
  where.sll_ifindex = static_cast<int>(if_nametoindex(port.c_str()));
  if (where.sll_ifindex == 0 ||
      bind(descriptor_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    fail("watching " + port);
}

Watch::~Watch() {
  if (descriptor_ >= 0)
    close(descriptor_);
}

Watch::Watch(Watch&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

void Watch::drain(const std::function<void(const Seen&)>& tell) const {
  static std::array<Frame, kBatch> frames;
  static std::array<std::array<char, CMSG_SPACE(sizeof(timespec))>, kBatch> controls;
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts{};
  while (true) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {frames[i].data(), frames[i].size()};
      msghdr& header = messages[i].msg_hdr;
      header.msg_iov = &parts[i];
      header.msg_iovlen = 1;
      header.msg_control = controls[i].data();
      header.msg_controllen = controls[i].size();
    }
    const int count = recvmmsg(descriptor_, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
      fail("recvmmsg");
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (const auto seen = read(frames[at], messages[at].msg_len, time_of(messages[at].msg_hdr)))
        tell(*seen);
    }
    if (count < static_cast<int>(kBatch))
      return;
  }
}

} // namespace xvrrp::masters
