// SPDX-License-Identifier: BSD-2-Clause
// What leaves an interface with virtual MACs: byte by byte what it should be on the wire.
#include <algorithm>
#include <array>

#include "bpf/bpf_test.hpp"
#include "support/checksum.hpp"
#include "support/packet.hpp"

namespace xvrrp::test {
namespace {

const Bytes kDevice{0x02, 0, 0, 0, 0, 0x12};
const Bytes kVirtual{0x00, 0x00, 0x5e, 0x00, 0x01, 10};
const Bytes kPeer{0x02, 0, 0, 0, 0, 0x50};
const Bytes kVip{192, 168, 1, 13};
const Bytes kOwn{192, 168, 1, 12};
const Bytes kHost{192, 168, 1, 50};

enum Type : std::uint8_t {
  RouterSolicitation = 133,
  RouterAdvertisement,
  Solicitation,
  Advertisement,
  Echo = 128
};
enum Option : std::uint8_t { SourceMac = 1, TargetMac, Prefix };

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts)
    append(all, part);
  return all;
}

Bytes arp(const Bytes& mac, const Bytes& sender, std::uint8_t operation,
          const Bytes& kind = {0, 1, 8, 0, 6, 4}) {
  return joined({kPeer, mac, {8, 6}, kind, {0, operation}, mac, sender, kPeer, kHost});
}

Bytes ipv4(const Bytes& mac, const Bytes& source) {
  return joined({kPeer,
                 mac,
                 {8, 0},
                 {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0},
                 source,
                 kHost,
                 {0, 0, 0xff, 0xff, 0, 0, 0, 0}});
}

/// ICMPv6 with a right checksum; `fixed` is what stands between it and the options.
Bytes icmp6(const Bytes& mac, const Bytes& source, std::uint8_t type, const Bytes& fixed,
            const Bytes& options = {}) {
  const Bytes destination = v6("ff02::1");
  Bytes message = joined({{type, 0, 0, 0}, fixed, options});
  const auto sum =
      internet_checksum(joined({pseudo_header(source, destination, message.size(), 58), message}));
  put_be16(message, 2, sum);
  const auto length = static_cast<std::uint8_t>(message.size());
  return joined(
      {kPeer, mac, {0x86, 0xdd}, {0x60, 0, 0, 0, 0, length, 58, 255}, source, destination, message});
}

Bytes option(Option kind, const Bytes& mac) {
  return joined({{kind, 1}, mac});
}

class EgressTest : public BpfTest {
protected:
  void prepare() override { configure_interface(XV_MODE_OWN); }

  /// The router has the address, with the virtual MAC or without; every call adds one.
  void give(Router router, const Bytes& address, std::uint32_t flags, xv_role role = XV_ROLE_MASTER) {
    std::copy(kVirtual.begin(), kVirtual.end(), router.config.mac);
    start(router.in_role(role), role == XV_ROLE_BACKUP ? now_ns() + kHour : 0);
    dataplane::GuardedAddress guarded{};
    guarded.key.ifindex = ifindex();
    guarded.key.family = static_cast<__u8>(address.size() == 16 ? 6 : 4);
    std::copy(address.begin(), address.end(), guarded.key.address);
    guarded.value = {key_of(router), flags};
    addresses_.push_back(guarded);
    ASSERT_TRUE(plane().guard_addresses(addresses_));
    dataplane::GuardedMac mac{};
    mac.key.ifindex = ifindex();
    std::copy(kVirtual.begin(), kVirtual.end(), mac.key.mac);
    mac.value.vr = key_of(router);
    ASSERT_TRUE(plane().guard_macs(std::array{mac}));
  }

private:
  std::vector<dataplane::GuardedAddress> addresses_;
};

TEST_F(EgressTest, ArpOfTheAddress) {
  give(v3_router(), kVip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  for (const auto operation : {std::uint8_t{1}, std::uint8_t{2}})
    EXPECT_EQ(leave(arp(kDevice, kVip, operation)), arp(kVirtual, kVip, operation));
  EXPECT_EQ(leave(arp(kDevice, kOwn, 2)), arp(kDevice, kOwn, 2)) << "the interface's own";
  const Bytes probe{0, 0, 0, 0};
  EXPECT_EQ(leave(arp(kDevice, probe, 1)), arp(kDevice, probe, 1));
}

TEST_F(EgressTest, ArpOfAnotherKindIsNotTouched) {
  give(v3_router(), kVip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  for (const Bytes& kind : {Bytes{0, 6, 8, 0, 6, 4}, Bytes{0, 1, 0x86, 0xdd, 6, 4}, Bytes{0, 1, 8, 0, 8, 4},
                            Bytes{0, 1, 8, 0, 6, 16}})
    EXPECT_EQ(leave(arp(kDevice, kVip, 2, kind)), arp(kDevice, kVip, 2, kind))
        << ::testing::PrintToString(kind);
}

TEST_F(EgressTest, PacketsFromTheAddress) {
  give(v3_router(), kVip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  EXPECT_EQ(leave(ipv4(kDevice, kVip)), ipv4(kVirtual, kVip));
  EXPECT_EQ(leave(ipv4(kDevice, kOwn)), ipv4(kDevice, kOwn));
  EXPECT_EQ(leave(ipv4(kDevice, kHost)), ipv4(kDevice, kHost)) << "forwarded";
}

TEST_F(EgressTest, OnlyAMastersWithAVirtualMac) {
  give(v3_router(), kVip, XV_VIP_INSTALLED);
  EXPECT_EQ(leave(arp(kDevice, kVip, 2)), arp(kDevice, kVip, 2)) << "an address without";
  give(v3_router(), kVip, XV_VIP_INSTALLED | XV_VIP_VMAC, XV_ROLE_BACKUP);
  EXPECT_EQ(leave(arp(kDevice, kVip, 2)), arp(kDevice, kVip, 2)) << "a Backup";
  give(v3_router(), kVip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  EXPECT_EQ(leave(arp(kDevice, kVip, 2)), arp(kVirtual, kVip, 2));
  ASSERT_TRUE(plane().guard_macs({}));
  EXPECT_EQ(leave(arp(kDevice, kVip, 2)), arp(kDevice, kVip, 2)) << "nobody has one any more";
}

TEST_F(EgressTest, NeighborDiscoveryOfTheAddress) {
  const Bytes vip = v6("fe80::13"), own = v6("fe80::12"), target = v6("fe80::50");
  give(six_router(), vip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  const auto fixed = [](const Bytes& address) { return joined({{0, 0, 0, 0}, address}); };
  const Bytes nonce{14, 1, 1, 2, 3, 4, 5, 6};

  // An advertisement speaks for its target, whoever sends it.
  for (const auto& source : {vip, own}) {
    const auto said = [&](const Bytes& mac, const Bytes& before = {}) {
      return icmp6(mac, source, Advertisement, fixed(vip), joined({before, option(TargetMac, mac)}));
    };
    EXPECT_EQ(leave(said(kDevice)), said(kVirtual));
    EXPECT_EQ(leave(said(kDevice, nonce)), said(kVirtual, nonce));
    EXPECT_EQ(leave(icmp6(kDevice, source, Advertisement, fixed(vip))),
              icmp6(kVirtual, source, Advertisement, fixed(vip)))
        << "without the option";
  }
  const auto of_own = icmp6(kDevice, vip, Advertisement, fixed(own), option(TargetMac, kDevice));
  EXPECT_EQ(leave(of_own), of_own) << "for the interface's own address";

  const auto asks = [&](const Bytes& mac, const Bytes& source) {
    return icmp6(mac, source, Solicitation, fixed(target), option(SourceMac, mac));
  };
  EXPECT_EQ(leave(asks(kDevice, vip)), asks(kVirtual, vip));
  EXPECT_EQ(leave(asks(kDevice, own)), asks(kDevice, own));
}

TEST_F(EgressTest, RouterDiscoveryOfTheAddress) {
  const Bytes vip = v6("fe80::13");
  give(six_router(), vip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  Bytes prefix(32, 7);
  prefix[0] = Prefix;
  prefix[1] = 4;
  const auto advertises = [&](const Bytes& mac) {
    return icmp6(mac, vip, RouterAdvertisement, Bytes(12, 3), joined({prefix, option(SourceMac, mac)}));
  };
  EXPECT_EQ(leave(advertises(kDevice)), advertises(kVirtual));
  const auto asks = [&](const Bytes& mac) {
    return icmp6(mac, vip, RouterSolicitation, Bytes(4, 0), option(SourceMac, mac));
  };
  EXPECT_EQ(leave(asks(kDevice)), asks(kVirtual));
}

TEST_F(EgressTest, AnEchoIsNotSearchedForOptions) {
  const Bytes vip = v6("fe80::13");
  give(six_router(), vip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  const auto echo = [&](const Bytes& mac) {
    return icmp6(mac, vip, Echo, Bytes(20, 0),
                 joined({option(SourceMac, kDevice), option(TargetMac, kDevice)}));
  };
  EXPECT_EQ(leave(echo(kDevice)), echo(kVirtual));
}

TEST_F(EgressTest, OptionsWithoutAnEnd) {
  const Bytes vip = v6("fe80::13");
  give(six_router(), vip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  const Bytes fixed = joined({{0, 0, 0, 0}, vip});
  for (const Bytes& options : {Bytes{TargetMac, 0, 1, 2, 3, 4, 5, 6}, Bytes{TargetMac, 2, 1, 2, 3, 4, 5, 6},
                               Bytes{Prefix, 255, 1, 2, 3, 4, 5, 6}, Bytes{TargetMac, 1, 2}})
    EXPECT_EQ(leave(icmp6(kDevice, vip, Advertisement, fixed, options)),
              icmp6(kVirtual, vip, Advertisement, fixed, options));
}

/// What ends before the sender is whole is not understood. (The kernel lets nobody test with half an IP
/// header.)
TEST_F(EgressTest, CutFramesAreNotTouched) {
  const Bytes vip = v6("fe80::13");
  give(v3_router(), kVip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  give(six_router(), vip, XV_VIP_INSTALLED | XV_VIP_VMAC);
  const auto expect_untouched = [&](const Bytes& frame, std::size_t from, std::size_t whole) {
    for (std::size_t length = from; length < whole; ++length) {
      const Bytes cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_EQ(leave(cut), cut) << length;
    }
  };
  constexpr std::size_t kEthernet = 14, kIpv6 = 40;
  expect_untouched(arp(kDevice, kVip, 2), kEthernet + 1, kEthernet + 18);
  expect_untouched(icmp6(kDevice, v6("fe80::12"), Advertisement, joined({{0, 0, 0, 0}, vip})),
                   kEthernet + kIpv6, kEthernet + kIpv6 + 24);
}

} // namespace
} // namespace xvrrp::test
