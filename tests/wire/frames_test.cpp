// SPDX-License-Identifier: BSD-2-Clause
// Frames that were computed by hand and by other programs, byte for byte: VRID 10, 192.0.2.251 or fe80::c8
// with the virtual addresses 192.0.2.1 and 192.0.2.2, or fe80::1 and 2001:db8::1.
#include <algorithm>

#include <gtest/gtest.h>

#include "support/adverts.hpp"
#include "support/vectors.hpp"

namespace xvrrp::test {
namespace {

const Bytes kMacFour = from_hex("00005e00010a");
const Bytes kMacSix = from_hex("00005e00020a");

Advert advert(std::uint8_t version, std::uint8_t family) {
  auto advert = Advert::to_group(version, family, 2);
  auto& spec = advert.spec;
  std::copy_n((family == 6 ? kMacSix : kMacFour).begin(), 6, spec.source_mac);
  spec.vrid = 10;
  spec.priority = family == 6 ? 100 : 200;
  spec.interval = version == 2 ? 1 : 100;
  const auto source = from_hex(family == 6 ? "fe8000000000000000000000000000c8" : "c00002fb");
  std::copy(source.begin(), source.end(), spec.source);
  advert.addresses = from_hex(family == 6 ? "fe80000000000000000000000000000120010db8000000000000000000000001"
                                          : "c0000201c0000202");
  return advert;
}

Advert stopping(Advert advert) {
  advert.spec.priority = 0;
  return advert;
}

Advert message_only(Advert advert) {
  advert.spec.message_only_sum = 1;
  return advert;
}

std::string message_of(const Bytes& frame) {
  return to_hex({frame.begin() + (frame[12] == 0x86 ? 54 : 34), frame.end()});
}

// R1, R3, R5, R15, R18, R23.
TEST(Frames, V2) {
  EXPECT_EQ(
      to_hex(build(advert(2, 4))),
      "01005e00001200005e00010a080045c0002c00000000ff701794c00002fbe0000012210ac802000192edc0000201c00002020"
      "000000000000000");
  EXPECT_EQ(message_of(build(stopping(advert(2, 4)))), "210a000200015aeec0000201c00002020000000000000000");
}

// R1, R3, R5, R13, R23.
TEST(Frames, V3OverIPv4InBothForms) {
  const std::string start =
      "01005e00001200005e00010a080045c0002400000000ff70179cc00002fbe0000012310ac8020064";
  EXPECT_EQ(to_hex(build(message_only(advert(3, 4)))), start + "828ac0000201c0000202");
  EXPECT_EQ(to_hex(build(advert(3, 4))), start + "defbc0000201c0000202");
  EXPECT_EQ(message_of(build(message_only(stopping(advert(3, 4))))), "310a000200644a8bc0000201c0000202");
  EXPECT_EQ(message_of(build(stopping(advert(3, 4)))), "310a00020064a6fcc0000201c0000202");
}

// R2, R4, R6, R14, R17.
TEST(Frames, V3OverIPv6) {
  EXPECT_EQ(to_hex(build(advert(3, 6))),
            "33330000001200005e00020a86dd6c000000002870fffe8000000000000000000000000000c8ff020000000000000000"
            "0000000"
            "00012310a640200643f5dfe80000000000000000000000000000120010db8000000000000000000000001");
  EXPECT_EQ(message_of(build(stopping(advert(3, 6)))),
            "310a00020064a35dfe80000000000000000000000000000120010db8000000000000000000000001");
  EXPECT_EQ(build(message_only(advert(3, 6))), build(advert(3, 6))) << "over IPv6 there is one form";
}

// D6: the target hardware address is the virtual MAC (RFC 9568 erratum 7949).
TEST(Frames, GratuitousArp) {
  EXPECT_EQ(to_hex(build_gratuitous_arp(kMacFour, from_hex("c0000201"))),
            "ffffffffffff00005e00010a0806000108000604000100005e00010ac000020100005e00010ac0000201");
}

// The traffic class of the vectors is 0, ours CS6: the only bytes that differ, and no checksum covers them.
TEST(Frames, UnsolicitedNeighbourAdvertisement) {
  const auto with_traffic_class_zero = [](Bytes frame) {
    EXPECT_EQ(frame[14], 0x6c);
    frame[14] = 0x60;
    return to_hex(frame);
  };
  EXPECT_EQ(
      with_traffic_class_zero(build_unsolicited_na(kMacSix, from_hex("fe800000000000000000000000000001"))),
      "33330000000100005e00020a86dd6000000000203afffe800000000000000000000000000001ff020000000000000000000000"
      "0000"
      "0188007991a0000000fe800000000000000000000000000001020100005e00020a");
  EXPECT_EQ(
      with_traffic_class_zero(build_unsolicited_na(kMacSix, from_hex("20010db8000000000000000000000001"))),
      "33330000000100005e00020a86dd6000000000203aff20010db8000000000000000000000001ff020000000000000000000000"
      "0000"
      "0188001b21a000000020010db8000000000000000000000001020100005e00020a");
}

// Whatever the address and the MAC are, the checksum is right.
TEST(Frames, EveryNeighbourAdvertisementsChecksumIsRight) {
  std::uint32_t state = 1;
  const auto byte = [&] {
    state = state * 1664525 + 1013904223;
    return static_cast<std::uint8_t>(state >> 24);
  };
  for (int i = 0; i < 2000; ++i) {
    Bytes mac(6), address(16);
    std::generate(mac.begin(), mac.end(), byte);
    std::generate(address.begin(), address.end(), byte);
    const auto frame = build_unsolicited_na(mac, address);
    Bytes summed{frame.begin() + 54, frame.end()};
    append(summed, pseudo_header(address, from_hex("ff020000000000000000000000000001"), 32, 58));
    EXPECT_EQ(internet_checksum(summed), 0);
    EXPECT_EQ(Bytes(frame.begin() + 62, frame.begin() + 78), address);
    EXPECT_EQ(Bytes(frame.begin() + 80, frame.end()), mac);
  }
}

} // namespace
} // namespace xvrrp::test
