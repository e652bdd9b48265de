// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "support/adverts.hpp"
#include "support/vectors.hpp"

namespace xvrrp::test {
namespace {

// What was parsed from scapy's frame is built again, and must be the same bytes.
TEST(Build, ReproducesScapysFrames) {
  int rebuilt = 0;
  for (const auto& vector : load_vectors("scapy.txt")) {
    if (vector.fields.count("built") == 0)
      continue;
    SCOPED_TRACE(vector.name);
    const auto advert = parse_on_host(vector.frame).advert;
    EXPECT_EQ(to_hex(build(advert_of(vector.frame, advert))), to_hex(vector.frame));
    ++rebuilt;
  }
  EXPECT_GE(rebuilt, 17);
}

class RandomAdverts {
public:
  Advert next() {
    const auto version = byte(2, 3);
    const bool six = version == 3 && byte(0, 1) == 1;
    auto advert = Advert::to_group(version, six ? 6 : 4, byte(1, six ? 92 : 255));
    std::generate(advert.addresses.begin(), advert.addresses.end(), [&] { return byte(0, 255); });
    auto& spec = advert.spec;
    spec.vrid = byte(1, 255);
    spec.priority = byte(0, 255);
    if (version == 2) {
      spec.interval = byte(1, 255);
      spec.auth_type = byte(0, 1);
      std::generate_n(spec.auth_data, 8, [&] { return byte(0, 255); });
    } else {
      spec.interval = static_cast<std::uint16_t>(1 + random_() % 4095);
      spec.message_only_sum = byte(0, 1);
    }
    spec.source[0] = six ? 0xfe : byte(1, 126);
    spec.source[1] = six ? 0x80 : byte(0, 255);
    spec.source[3] = byte(1, 254);
    if (six) {
      std::generate_n(spec.source + 8, 8, [&] { return byte(0, 255); });
      advert.addresses[0] = 0xfe;
      advert.addresses[1] = 0x80;
    }
    return advert;
  }

private:
  std::uint8_t byte(unsigned low, unsigned high) {
    return static_cast<std::uint8_t>(low + random_() % (high - low + 1));
  }

  std::mt19937 random_{7};
};

// parse(build(x)) == x, for random adverts (R9, R10, R12, R16, R19).
TEST(Build, ParsesBack) {
  RandomAdverts random;
  for (int i = 0; i < 20000; ++i) {
    const auto advert = random.next();
    const auto frame = build(advert);
    const auto parsed = parse_on_host(frame);
    ASSERT_EQ(parsed.reason, XV_observed);
    expect_same(advert, parsed.advert);
    const bool message_form =
        advert.spec.version == 3 && advert.spec.family == 4 && advert.spec.message_only_sum;
    EXPECT_EQ(parsed.advert.notes, message_form ? XV_NOTE_CHECKSUM_MESSAGE : 0);
    const auto list = frame.begin() + 14 + (advert.spec.family == 6 ? 40 : 20) + 8;
    EXPECT_TRUE(std::equal(advert.addresses.begin(), advert.addresses.end(), list)) << "in order";
    ASSERT_FALSE(::testing::Test::HasFailure()) << to_hex(frame);
  }
}

// R11: nothing of the interval reaches the reserved bits.
TEST(Build, TheReservedBitsAreZero) {
  for (const unsigned interval : {1u, 10u, 100u, 4095u}) {
    auto advert = Advert::to_group(3, 4, 1);
    advert.spec.interval = static_cast<std::uint16_t>(interval);
    const auto frame = build(advert);
    EXPECT_EQ(frame[38] >> 4, 0);
    EXPECT_EQ((frame[38] & 15u) << 8 | frame[39], interval);
  }
}

// A checksum field of 0x0000 and of 0xffff: both mean the same sum, and neither is special (as it is in UDP).
TEST(Build, AChecksumMayBeZero) {
  auto advert = Advert::to_group(3, 4, 2);
  advert.spec.vrid = 10;
  advert.spec.interval = 100;
  advert.spec.source[0] = 192;
  advert.spec.message_only_sum = 1;
  const auto first = build(advert);
  // One address takes what the checksum had: the words then sum to all ones without it.
  advert.addresses[6] = first[40];
  advert.addresses[7] = first[41];
  auto frame = build(advert);
  EXPECT_EQ(frame[40] << 8 | frame[41], 0);
  EXPECT_EQ(parse_on_host(frame).reason, XV_observed);
  frame[40] = frame[41] = 0xff;
  EXPECT_EQ(parse_on_host(frame).reason, XV_observed) << "the other zero of one's complement";
}

// For a unicast peer the kernel finds the MAC; the packet goes from the IP header on.
TEST(Build, ToAUnicastPeer) {
  auto four = Advert::to_group(3, 4, 1);
  four.spec.interval = 100;
  std::copy_n(from_hex("c0a8010b").begin(), 4, four.spec.source);
  std::copy_n(from_hex("c0a8010c").begin(), 4, four.spec.destination);
  auto six = Advert::to_group(3, 6, 1);
  six.spec.interval = 100;
  std::copy_n(from_hex("20010db8000000000000000000000011").begin(), 16, six.spec.source);
  std::copy_n(from_hex("20010db8000000000000000000000012").begin(), 16, six.spec.destination);
  six.addresses = from_hex("fe800000000000000000000000000001");
  for (const auto& advert : {four, six}) {
    const auto frame = build(advert);
    EXPECT_EQ(to_hex({frame.begin(), frame.begin() + 6}), "000000000000");
    const auto parsed = parse_on_host(frame);
    EXPECT_EQ(parsed.reason, XV_observed);
    EXPECT_EQ(parsed.advert.unicast, 1);
    expect_same(advert, parsed.advert);
  }
}

} // namespace
} // namespace xvrrp::test
