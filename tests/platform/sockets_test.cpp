// SPDX-License-Identifier: BSD-2-Clause
// What the sending sockets put on the wire, seen from the other end of a veth pair.
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <thread>
#include <vector>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "platform/multicast.hpp"
#include "platform/packet_socket.hpp"
#include "platform/raw_ip_socket.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

using namespace testing;
using Bytes = std::vector<std::byte>;

constexpr std::uint16_t kTestProtocol = 0x88b5; // reserved for experiments

Bytes frame(std::uint8_t mark, std::size_t size = 60) {
  Bytes bytes(size);
  std::memset(bytes.data(), 0xff, 6);
  bytes[6] = std::byte{2};
  bytes[12] = std::byte{kTestProtocol >> 8};
  bytes[13] = std::byte{kTestProtocol & 0xff};
  bytes[14] = std::byte{mark};
  return bytes;
}

class Sockets : public NamespaceTest {
protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped())
      return;
    shell("ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up");
    index_ = index_of("up0");
  }

  /// Hears frames of one protocol that arrive on the far end.
  static UniqueFd listen_on(const std::string& interface, std::uint16_t protocol) {
    UniqueFd fd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(protocol))};
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(protocol);
    address.sll_ifindex = static_cast<int>(index_of(interface));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const int ample = 8 << 20;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &ample, sizeof ample);
    return fd;
  }

  static Bytes receive(const UniqueFd& fd, int timeout_ms = 1000) {
    pollfd poll{fd.get(), POLLIN, 0};
    if (::poll(&poll, 1, timeout_ms) <= 0)
      return {};
    Bytes bytes(2048);
    const auto length = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    return bytes;
  }

  std::uint32_t index_ = 0;
};

TEST_F(Sockets, AFrameArrivesAsItWasGiven) {
  const auto far = listen_on("up1", kTestProtocol);
  auto socket = PacketSocket::open();
  ASSERT_TRUE(socket) << socket.error().message;
  const auto sent = frame(1);
  EXPECT_EQ(socket->send(index_, sent), 0);
  EXPECT_EQ(receive(far), sent);
  EXPECT_EQ(socket->send(4711, sent), ENXIO);
  EXPECT_EQ(socket->send(index_, frame(1, 3000)), EMSGSIZE);
  shell("ip link set up0 down");
  EXPECT_EQ(socket->send(index_, sent), ENETDOWN);
}

TEST_F(Sockets, ABatchGoesOutInOrderAndSkipsWhatFails) {
  const auto far = listen_on("up1", kTestProtocol);
  auto socket = PacketSocket::open();
  ASSERT_TRUE(socket);
  std::vector<Bytes> frames;
  frames.reserve(600);
  for (int i = 0; i < 600; ++i)
    frames.push_back(frame(static_cast<std::uint8_t>(i)));
  std::vector<OutgoingFrame> batch;
  batch.reserve(600);
  for (const auto& each : frames)
    batch.push_back({index_, each});
  batch[3].ifindex = 4711;
  batch[300].ifindex = 4711;
  batch[599].ifindex = 4711;

  const auto outcome = socket->send_batch(batch);
  EXPECT_EQ(outcome.sent, 597U);
  EXPECT_EQ(outcome.error, ENXIO);
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(batch[static_cast<std::size_t>(i)].error, i == 3 || i == 300 || i == 599 ? ENXIO : 0) << i;
    if (batch[static_cast<std::size_t>(i)].ifindex == index_) {
      ASSERT_EQ(receive(far), frames[static_cast<std::size_t>(i)]) << i;
    }
  }
  const auto nothing = socket->send_batch({});
  EXPECT_EQ(nothing.sent, 0U);
  EXPECT_EQ(nothing.error, 0);
}

// A VRRP packet from 192.168.1.11 with its header, checksum and identification zero.
Bytes ip_packet(const std::string& destination) {
  Bytes packet(28);
  packet[0] = std::byte{0x45};
  packet[8] = std::byte{255};
  packet[9] = std::byte{112};
  std::memcpy(packet.data() + 12, address("192.168.1.11").bytes().data(), 4);
  std::memcpy(packet.data() + 16, address(destination).bytes().data(), 4);
  return packet;
}

TEST_F(Sockets, AUnicastPacketLeavesByTheInterfaceItIsSentTo) {
  // The route to the peer points elsewhere; the interface that the caller names decides.
  shell("ip link add wrong0 type veth peer name wrong1; ip link set wrong0 up; ip link set wrong1 up");
  shell("ip addr add 192.168.1.11/32 dev up0; ip route add 192.168.1.12 dev wrong0");
  shell("ip neigh add 192.168.1.12 dev up0 lladdr 02:00:00:00:00:0c");
  const auto far = listen_on("up1", ETH_P_IP);
  auto socket = RawIpSocket::open();
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_EQ(socket->send(index_, address("192.168.1.12"), ip_packet("192.168.1.12")), 0);
  const auto arrived = receive(far);
  ASSERT_GE(arrived.size(), 14U + 28U);
  EXPECT_EQ(arrived[5], std::byte{0x0c});
  EXPECT_EQ(arrived[14 + 8], std::byte{255}) << "TTL";
  EXPECT_EQ(arrived[14 + 9], std::byte{112});
  EXPECT_EQ(std::memcmp(arrived.data() + 14 + 12, address("192.168.1.11").bytes().data(), 4), 0);
  unsigned sum = 0;
  for (std::size_t at = 14; at < 34; at += 2)
    sum += (std::to_integer<unsigned>(arrived[at]) << 8U) + std::to_integer<unsigned>(arrived[at + 1]);
  EXPECT_EQ((sum & 0xffffU) + (sum >> 16U), 0xffffU) << "the kernel fills in the header checksum";
}

TEST_F(Sockets, AUnicastPacketToAnUnknownNeighbourDoesNotBlock) {
  shell("ip addr add 192.168.1.11/24 dev up0");
  const auto far = listen_on("up1", ETH_P_ARP);
  auto socket = RawIpSocket::open();
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->send(index_, address("192.168.1.12"), ip_packet("192.168.1.12")), 0);
  EXPECT_FALSE(receive(far).empty()) << "the kernel asks for the neighbour";
  EXPECT_EQ(socket->send(index_, address("192.168.1.12"), Bytes(8)), EINVAL);
  shell("ip link set up0 down");
  EXPECT_NE(socket->send(index_, address("192.168.1.12"), ip_packet("192.168.1.12")), 0);
}

// A VRRP packet without its message.
Bytes ipv6_packet(const std::string& source, const std::string& destination) {
  Bytes packet(48);
  packet[0] = std::byte{0x6e}; // version 6, traffic class 0xe0
  packet[5] = std::byte{8};
  packet[6] = std::byte{112};
  packet[7] = std::byte{255};
  std::memcpy(packet.data() + 8, address(source).bytes().data(), 16);
  std::memcpy(packet.data() + 24, address(destination).bytes().data(), 16);
  return packet;
}

class Ipv6Sockets : public Sockets {
protected:
  void SetUp() override {
    Sockets::SetUp();
    if (IsSkipped())
      return;
    shell("ip link add wrong0 type veth peer name wrong1; ip link set wrong0 up; ip link set wrong1 up");
    // Duplicate address detection would hold back the first packets for a second.
    shell("for each in up0 wrong0; do ip -6 addr flush dev $each; done");
    shell("ip addr add fe80::11/64 dev up0 nodad; ip addr add fe80::99/64 dev wrong0 nodad");
  }

  /// The next IPv6 packet of protocol 112 with its Ethernet header; neighbour discovery passes by.
  static Bytes receive_vrrp(const UniqueFd& fd) {
    for (Bytes frame = receive(fd); !frame.empty(); frame = receive(fd)) {
      if (frame.size() > 14 + 6 && frame[14 + 6] == std::byte{112})
        return frame;
    }
    return {};
  }
};

void expect_packet(const Bytes& frame, std::byte last_mac_byte, const Bytes& packet) {
  ASSERT_EQ(frame.size(), 14 + packet.size());
  EXPECT_EQ(frame[5], last_mac_byte);
  EXPECT_EQ(Bytes(frame.begin() + 14, frame.end()), packet) << "the packet leaves as it was given";
}

TEST_F(Ipv6Sockets, ALinkLocalPeerIsInTheZoneOfTheInterface) {
  shell("ip neigh add fe80::12 dev up0 lladdr 02:00:00:00:00:0c");
  shell("ip neigh add fe80::12 dev wrong0 lladdr 02:00:00:00:00:0d");
  const auto far = listen_on("up1", ETH_P_IPV6);
  const auto elsewhere = listen_on("wrong1", ETH_P_IPV6);
  auto socket = RawIpSocket::open();
  ASSERT_TRUE(socket) << socket.error().message;
  const auto packet = ipv6_packet("fe80::11", "fe80::12");
  EXPECT_EQ(socket->send(index_, address("fe80::12"), packet), 0);
  expect_packet(receive_vrrp(far), std::byte{0x0c}, packet);
  const auto other = ipv6_packet("fe80::99", "fe80::12");
  EXPECT_EQ(socket->send(index_of("wrong0"), address("fe80::12"), other), 0);
  expect_packet(receive_vrrp(elsewhere), std::byte{0x0d}, other);
}

TEST_F(Ipv6Sockets, AGlobalPeerLeavesByTheInterfaceItIsSentTo) {
  // A more specific route and a default route point elsewhere; the interface that the caller names decides.
  shell("ip addr add 2001:db8::11/64 dev up0 nodad; ip -6 route add 2001:db8::12 dev wrong0");
  shell("ip -6 route add default via fe80::98 dev wrong0");
  shell("ip neigh add 2001:db8::12 dev up0 lladdr 02:00:00:00:00:0c");
  const auto far = listen_on("up1", ETH_P_IPV6);
  auto socket = RawIpSocket::open();
  ASSERT_TRUE(socket);
  const auto packet = ipv6_packet("2001:db8::11", "2001:db8::12");
  EXPECT_EQ(socket->send(index_, address("2001:db8::12"), packet), 0);
  expect_packet(receive_vrrp(far), std::byte{0x0c}, packet);
  // The source is the caller's business: here one that this host does not have.
  const auto foreign = ipv6_packet("2001:db8::77", "2001:db8::12");
  EXPECT_EQ(socket->send(index_, address("2001:db8::12"), foreign), 0);
  expect_packet(receive_vrrp(far), std::byte{0x0c}, foreign);
  EXPECT_EQ(socket->send(index_, address("2001:db8:1::12"), ipv6_packet("2001:db8::11", "2001:db8:1::12")),
            ENETUNREACH);
}

TEST_F(Ipv6Sockets, AnUnknownNeighbourDoesNotBlock) {
  const auto far = listen_on("up1", ETH_P_IPV6);
  auto socket = RawIpSocket::open();
  ASSERT_TRUE(socket);
  const auto packet = ipv6_packet("fe80::11", "fe80::12");
  EXPECT_EQ(socket->send(index_, address("fe80::12"), packet), 0);
  bool solicited = false;
  for (Bytes frame = receive(far); !frame.empty() && !solicited; frame = receive(far))
    solicited = frame.size() > 14 + 40 && frame[14 + 40] == std::byte{135};
  EXPECT_TRUE(solicited) << "the kernel asks for the neighbour";
  EXPECT_EQ(socket->send(index_, address("fe80::12"), Bytes(8)), EINVAL);
  EXPECT_EQ(socket->send(index_, address("fe80::12"), Bytes(3000)), EMSGSIZE);
  EXPECT_EQ(socket->send(4711, address("fe80::12"), packet), ENODEV);
  shell("ip link set up0 down");
  EXPECT_NE(socket->send(index_, address("fe80::12"), packet), 0);
}

TEST_F(Ipv6Sockets, NothingLeavesBeforeAnAddressIsReady) {
  // Duplicate address detection goes on for as long as the test.
  shell("sysctl -qw net.ipv6.conf.up0.dad_transmits=1000");
  shell("ip -6 addr flush dev up0; ip addr add fe80::11/64 dev up0");
  auto socket = RawIpSocket::open();
  ASSERT_TRUE(socket);
  const auto packet = ipv6_packet("fe80::11", "fe80::12");
  EXPECT_EQ(socket->send(index_, address("fe80::12"), packet), EADDRNOTAVAIL);
  shell("ip -6 addr flush dev up0");
  EXPECT_EQ(socket->send(index_, address("fe80::12"), packet), ENETUNREACH);
}

// Answers socket(AF_INET6) of the calling thread as a kernel booted with ipv6.disable=1 does.
void take_ipv6_away() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  static_assert(std::endian::native == std::endian::little,
                "the domain is read as the lower half of args[0]");
  const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

TEST_F(Sockets, AKernelWithoutIpv6StillSendsIpv4) {
  shell("ip addr add 192.168.1.11/24 dev up0; ip neigh add 192.168.1.12 dev up0 lladdr 02:00:00:00:00:0c");
  const auto far = listen_on("up1", ETH_P_IP);
  std::thread{[this] { // the filter lasts as long as its thread
    take_ipv6_away();
    auto socket = RawIpSocket::open();
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_EQ(socket->send(index_, address("192.168.1.12"), ip_packet("192.168.1.12")), 0);
    EXPECT_EQ(socket->send(index_, address("fe80::12"), ipv6_packet("fe80::11", "fe80::12")), EAFNOSUPPORT);
  }}
      .join();
  EXPECT_FALSE(receive(far).empty());
}

TEST_F(Sockets, MembershipLastsAsLongAsTheObject) {
  const auto groups = [] { return output_of("ip maddr show dev up0"); };
  const auto has = [&](const std::string& text) { return groups().find(text) != std::string::npos; };
  {
    MulticastMemberships memberships;
    for (int twice = 0; twice < 2; ++twice) {
      ASSERT_TRUE(memberships.join(index_, address("224.0.0.18")));
      ASSERT_TRUE(memberships.join(index_, address("ff02::12")));
    }
    EXPECT_TRUE(has("224.0.0.18"));
    EXPECT_TRUE(has("01:00:5e:00:00:12"));
    EXPECT_TRUE(has("ff02::12"));
    memberships.leave(index_);
    EXPECT_FALSE(has("224.0.0.18"));
    ASSERT_TRUE(memberships.join(index_, address("224.0.0.18")));
    const auto nowhere = memberships.join(4711, address("224.0.0.18"));
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().message, "joining 224.0.0.18 on interface 4711: No such device");
  }
  EXPECT_FALSE(has("224.0.0.18"));
}

TEST_F(Sockets, MoreInterfacesThanOneSocketCouldJoin) {
  MulticastMemberships memberships;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "br" + std::to_string(i);
    shell("ip link add name " + name + " up type bridge");
    ASSERT_TRUE(memberships.join(index_of(name), address("224.0.0.18"))) << name;
  }
}

} // namespace
} // namespace xvrrp::platform
