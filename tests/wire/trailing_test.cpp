// SPDX-License-Identifier: BSD-2-Clause
// Bytes behind the address list (R88): tolerated, whether the checksum covers them or not, and noted.
#include <algorithm>

#include <gtest/gtest.h>

#include "support/packet.hpp"
#include "support/vectors.hpp"

namespace xvrrp::test {
namespace {

Bytes extra_bytes(std::size_t count) {
  const Bytes all{0xa5, 0xff, 0x01, 0xfe, 0x80, 0x7f, 0xff, 0xee};
  Bytes bytes;
  while (bytes.size() < count)
    bytes.push_back(all[bytes.size() % all.size()]);
  return bytes;
}

std::vector<std::pair<const char*, Packet>> all_forms() {
  return {{"v2", Packet::v2().password("1212")},
          {"v3", Packet::v3()},
          {"v3, message only", Packet::v3().message_only_checksum()},
          {"v3 over IPv6", Packet::v3_six()}};
}

void expect_accepted(const Bytes& frame, bool trailing, bool message_form) {
  const auto parsed = parse_on_host(frame);
  EXPECT_EQ(parsed.reason, XV_observed);
  EXPECT_EQ((parsed.advert.notes & XV_NOTE_TRAILING) != 0, trailing);
  EXPECT_EQ((parsed.advert.notes & XV_NOTE_CHECKSUM_MESSAGE) != 0, message_form);
}

TEST(Trailing, IsToleratedWhetherItIsSummedOrNot) {
  for (const auto& [name, packet] : all_forms()) {
    const bool message_form = std::string{name}.find("message") != std::string::npos;
    for (std::size_t count = 0; count <= 9; ++count) {
      SCOPED_TRACE(::testing::Message() << name << " and " << count << " bytes");
      auto outside = packet, inside = packet;
      expect_accepted(outside.trailing(extra_bytes(count)), count != 0, message_form);
      expect_accepted(inside.summed_trailing(extra_bytes(count)), count != 0, message_form);
    }
  }
}

// Up to what fits the data plane's 1480 bytes; beyond it only a checksum of the message alone is verified.
TEST(Trailing, OfAnyLength) {
  for (const std::size_t count : {1452u, 1459u, 1460u, 1461u, 1464u, 1467u, 1468u}) {
    SCOPED_TRACE(count);
    const auto total = 12 + count;
    expect_accepted(Packet::v3().trailing(extra_bytes(count)), true, false);
    const auto summed = parse_on_host(Packet::v3().summed_trailing(extra_bytes(count)));
    EXPECT_EQ(summed.reason, total <= 1480 ? XV_observed : XV_checksum);
  }
  expect_accepted(Packet::v3().trailing(extra_bytes(3000)), true, false);
}

TEST(Trailing, DoesNotExcuseAWrongChecksum) {
  for (const auto& [name, packet] : all_forms()) {
    for (std::size_t count = 1; count <= 7; ++count) {
      SCOPED_TRACE(::testing::Message() << name << " and " << count << " bytes");
      for (unsigned bit = 0; bit < 16; ++bit) {
        auto outside = packet, inside = packet;
        const auto flipped = static_cast<std::uint16_t>(1u << bit);
        EXPECT_EQ(parse_on_host(outside.flip_checksum(flipped).trailing(extra_bytes(count))).reason,
                  XV_checksum);
        EXPECT_EQ(parse_on_host(inside.flip_checksum(flipped).summed_trailing(extra_bytes(count))).reason,
                  XV_checksum);
      }
    }
  }
}

// Every bit of a trailer that the checksum covers counts.
TEST(Trailing, EveryBitOfASummedTrailerCounts) {
  for (const auto& [name, packet] : all_forms()) {
    for (std::size_t count = 1; count <= 5; ++count) {
      auto summed = packet;
      const auto good = summed.summed_trailing(extra_bytes(count)).frame();
      for (std::size_t bit = 0; bit < count * 8; ++bit) {
        auto frame = good;
        auto& byte = frame[frame.size() - 1 - bit / 8];
        byte = static_cast<std::uint8_t>(byte ^ (1u << (bit % 8)));
        EXPECT_EQ(parse_on_host(frame).reason, XV_checksum) << name << ", " << count << " bytes, bit " << bit;
      }
    }
  }
}

// The IP header says how long the payload is: a frame that ends earlier was cut, wherever.
TEST(Trailing, ThatIsCutShortIsTruncated) {
  for (const auto& [name, packet] : all_forms()) {
    for (std::size_t cut = 1; cut <= 7; ++cut) {
      auto outside = packet, inside = packet;
      EXPECT_EQ(parse_on_host(outside.trailing(extra_bytes(7)).cut(cut)).reason, XV_truncated) << name;
      EXPECT_EQ(parse_on_host(inside.summed_trailing(extra_bytes(7)).cut(cut)).reason, XV_truncated) << name;
    }
  }
}

// A payload that is not there has no sum; with a pseudo-header that sums to all ones by itself, that must not
// pass for a right checksum.
TEST(Trailing, ThatIsMissingIsNotTakenForASumOfZero) {
  const Packet::Address source{192, 168, 1, 11};
  auto packet = Packet::v3().source(source).trailing(extra_bytes(4)).wrong_checksum();
  const auto sum = words_modulo_65535(pseudo_header(source, {224, 0, 0, 0}, 16));
  const auto missing = static_cast<std::uint16_t>(0xffff - sum);
  const Packet::Address group{224, 0, static_cast<std::uint8_t>(missing >> 8),
                              static_cast<std::uint8_t>(missing)};
  ASSERT_EQ(words_modulo_65535(pseudo_header(source, group, 16)), 0);
  EXPECT_EQ(parse_on_host(packet.destination(group).cut(4)).reason, XV_truncated);
}

// Ethernet padding is behind the IP packet: nobody's bytes (R85).
TEST(Trailing, PaddingIsNone) {
  for (const auto& [name, packet] : all_forms()) {
    for (const std::size_t count : {1u, 6u, 46u}) {
      auto padded = packet;
      expect_accepted(padded.padding(count), false, std::string{name}.find("message") != std::string::npos);
    }
  }
}

} // namespace
} // namespace xvrrp::test
