// SPDX-License-Identifier: BSD-2-Clause
#include <random>

#include <gtest/gtest.h>

#include "dataplane/reasons.hpp"
#include "support/vectors.hpp"

namespace xvrrp::test {
namespace {

std::map<std::string, unsigned> fields_of(const xv_advert& advert) {
  return {{"family", advert.family},
          {"version", advert.version},
          {"vrid", advert.vrid},
          {"priority", advert.priority},
          {"interval", advert.interval},
          {"count", advert.count},
          {"auth_type", advert.auth_type},
          {"message_only", advert.message_only_sum},
          {"unicast", advert.unicast},
          {"vlan", advert.vlan},
          {"inner_vlan", advert.inner_vlan}};
}

TEST(Parse, ScapyVectors) {
  for (const auto& vector : load_vectors("scapy.txt")) {
    SCOPED_TRACE(vector.name);
    const auto parsed = parse_on_host(vector.frame);
    EXPECT_EQ(dataplane::reason_name(parsed.reason), vector.reason);
    const auto fields = fields_of(parsed.advert);
    for (const auto& [name, value] : vector.fields) {
      if (name != "built") {
        EXPECT_EQ(fields.at(name), value) << name;
      }
    }
  }
}

TEST(Parse, AuthenticationDataIsRead) {
  const auto vectors = load_vectors("scapy.txt");
  ASSERT_EQ(vectors[0].name, "v2_guide_pass");
  const auto parsed = parse_on_host(vectors[0].frame);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(parsed.advert.auth_data), 8),
            std::string("1212\0\0\0\0", 8));
}

// R70: whatever is cut off, the packet is refused and no byte beyond the frame is read (AddressSanitizer
// preset).
TEST(Parse, EveryTruncationIsRefused) {
  for (const auto& vector : load_vectors("scapy.txt")) {
    if (vector.reason != "observed" || vector.fields.count("count") == 0)
      continue;
    const auto whole = parse_on_host(vector.frame);
    ASSERT_EQ(whole.reason, XV_observed) << vector.name;
    const auto padding = vector.name == "ethernet_padding" ? 6u : 0u;
    for (std::size_t length = 0; length < vector.frame.size() - padding; ++length) {
      const auto cut =
          parse_on_host(Bytes{vector.frame.begin(), vector.frame.begin() + static_cast<long>(length)});
      EXPECT_NE(cut.reason, XV_observed) << vector.name << " cut to " << length;
    }
  }
}

// R71: every single flipped bit of the VRRP message is noticed (the checksum covers all of it).
TEST(Parse, EveryFlippedBitOfTheMessageIsRefused) {
  for (const auto& vector : load_vectors("scapy.txt")) {
    if (vector.name != "v3_pseudo" && vector.name != "v2_guide_pass")
      continue;
    for (std::size_t bit = 34 * 8; bit < vector.frame.size() * 8; ++bit) {
      auto frame = vector.frame;
      frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ (1u << (bit % 8)));
      EXPECT_NE(parse_on_host(frame).reason, XV_observed) << vector.name << " bit " << bit;
    }
  }
}

TEST(Parse, RandomBytesNeverPassAsAnAdvert) {
  std::mt19937 random{20260822};
  for (int i = 0; i < 200000; ++i) {
    Bytes frame(random() % 120);
    for (auto& byte : frame)
      byte = static_cast<std::uint8_t>(random());
    if (frame.size() > 24) { // steer most of them past the first compares
      frame[12] = 0x08;
      frame[13] = 0x00;
      frame[14] = 0x45;
      frame[23] = 112;
    }
    EXPECT_NE(parse_on_host(frame).reason, XV_observed);
  }
}

} // namespace
} // namespace xvrrp::test
