// SPDX-License-Identifier: BSD-2-Clause
// What the sending sockets put on the wire, seen from the other end of a veth pair.
#include <array>
#include <cstring>
#include <vector>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

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
  auto socket = RawIpv4Socket::open();
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
  auto socket = RawIpv4Socket::open();
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->send(index_, address("192.168.1.12"), ip_packet("192.168.1.12")), 0);
  EXPECT_FALSE(receive(far).empty()) << "the kernel asks for the neighbour";
  EXPECT_EQ(socket->send(index_, address("192.168.1.12"), Bytes(8)), EINVAL);
  shell("ip link set up0 down");
  EXPECT_NE(socket->send(index_, address("192.168.1.12"), ip_packet("192.168.1.12")), 0);
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
