// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include <xvrrp/wire/build.h>

#include "support/vectors.hpp"

namespace xvrrp::test {
namespace {

Bytes build(const xv_advert_spec& spec) {
  Bytes frame(XV_ADVERT_FRAME_MAX);
  frame.resize(xv_build_ipv4_advert(&spec, frame.data()));
  return frame;
}

// What was parsed from scapy's frame is built again, and must be the same bytes.
TEST(Build, ReproducesScapysFrames) {
  int rebuilt = 0;
  for (const auto& vector : load_vectors("scapy.txt")) {
    if (vector.fields.count("built") == 0)
      continue;
    SCOPED_TRACE(vector.name);
    const auto advert = parse_on_host(vector.frame).advert;
    xv_advert_spec spec{};
    std::copy_n(vector.frame.begin() + 6, 6, spec.source_mac);
    spec.version = advert.version;
    spec.vrid = advert.vrid;
    spec.priority = advert.priority;
    spec.auth_type = advert.auth_type;
    spec.count = advert.count;
    spec.message_only_sum = advert.message_only_sum;
    spec.interval = advert.interval;
    std::copy_n(advert.auth_data, 8, spec.auth_data);
    std::copy_n(advert.source, 4, spec.source);
    std::copy_n(advert.destination, 4, spec.destination);
    spec.addresses = vector.frame.data() + 42;
    EXPECT_EQ(to_hex(build(spec)), to_hex(vector.frame));
    ++rebuilt;
  }
  EXPECT_GE(rebuilt, 8);
}

// parse(build(x)) == x, for random adverts.
TEST(Build, ParsesBack) {
  std::mt19937 random{7};
  const auto byte = [&](unsigned low, unsigned high) {
    return static_cast<std::uint8_t>(low + random() % (high - low + 1));
  };
  for (int i = 0; i < 20000; ++i) {
    Bytes addresses(255 * 4);
    std::generate(addresses.begin(), addresses.end(), [&] { return byte(0, 255); });
    xv_advert_spec spec{};
    spec.version = byte(2, 3);
    spec.vrid = byte(1, 255);
    spec.priority = byte(0, 255);
    spec.auth_type = spec.version == 2 ? byte(0, 1) : 0;
    spec.count = byte(1, 255);
    spec.message_only_sum = spec.version == 3 ? byte(0, 1) : 0;
    spec.interval = spec.version == 2 ? byte(1, 255) : static_cast<std::uint16_t>(1 + random() % 4095);
    if (spec.version == 2)
      std::generate_n(spec.auth_data, 8, [&] { return byte(0, 255); });
    spec.source[0] = byte(1, 126);
    spec.source[3] = byte(1, 254);
    spec.destination[0] = 224;
    spec.destination[3] = 18;
    spec.addresses = addresses.data();

    const auto frame = build(spec);
    const auto [reason, advert] = parse_on_host(frame);
    ASSERT_EQ(reason, XV_observed);
    EXPECT_EQ(advert.version, spec.version);
    EXPECT_EQ(advert.vrid, spec.vrid);
    EXPECT_EQ(advert.priority, spec.priority);
    EXPECT_EQ(advert.count, spec.count);
    EXPECT_EQ(advert.interval, spec.interval);
    EXPECT_EQ(advert.auth_type, spec.auth_type);
    EXPECT_TRUE(std::equal(spec.auth_data, spec.auth_data + 8, advert.auth_data));
    EXPECT_TRUE(std::equal(spec.source, spec.source + 4, advert.source));
    EXPECT_TRUE(std::equal(addresses.begin(), addresses.begin() + spec.count * 4, frame.begin() + 42));
  }
}

TEST(Build, GratuitousArp) {
  // vrrp-requirements: sha = tha = the MAC, spa = tpa = the address, opcode request (RFC 9568 erratum 7949).
  const Bytes mac = from_hex("00005e00010a");
  const Bytes address = from_hex("c0000201");
  Bytes frame(XV_ARP_FRAME_BYTES);
  EXPECT_EQ(xv_build_gratuitous_arp(mac.data(), address.data(), frame.data()), frame.size());
  EXPECT_EQ(to_hex(frame),
            "ffffffffffff00005e00010a0806000108000604000100005e00010ac000020100005e00010ac0000201");
}

} // namespace
} // namespace xvrrp::test
