// SPDX-License-Identifier: BSD-2-Clause
#include <random>

#include <gtest/gtest.h>

#include "dataplane/reasons.hpp"
#include "support/packet.hpp"
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
          {"message_only", advert.notes & XV_NOTE_CHECKSUM_MESSAGE},
          {"trailing", (advert.notes & XV_NOTE_TRAILING) != 0},
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
    if (vector.name != "v3_pseudo" && vector.name != "v2_guide_pass" && vector.name != "v3_ipv6")
      continue;
    const std::size_t message = vector.name == "v3_ipv6" ? 54 : 34;
    for (std::size_t bit = message * 8; bit < vector.frame.size() * 8; ++bit) {
      auto frame = vector.frame;
      frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ (1u << (bit % 8)));
      EXPECT_NE(parse_on_host(frame).reason, XV_observed) << vector.name << " bit " << bit;
    }
  }
}

// R90: by multicast a neighbour's IPv6 address is link-local; a listed unicast peer's may be global.
TEST(Parse, TheSourceOfAnIPv6Advert) {
  const auto reason = [](const char* source, const char* destination) {
    return parse_on_host(Packet::v3_six().source(v6(source)).destination(v6(destination))).reason;
  };
  for (const char* global : {"2001:db8::11", "fd00::11", "fec0::11", "64::11"}) {
    EXPECT_EQ(reason(global, "ff02::12"), XV_source) << global;
  }
  EXPECT_EQ(reason("fe80::11", "ff02::12"), XV_observed);
  EXPECT_EQ(reason("febf:ffff::11", "ff02::12"), XV_observed) << "fe80::/10";
  for (const char* unicast : {"2001:db8::11", "fd00::11", "fe80::11"}) {
    EXPECT_EQ(reason(unicast, "2001:db8::12"), XV_observed) << unicast;
  }
  for (const char* nobody : {"::", "::1", "::ffff:192.0.2.1", "ff02::12"}) {
    EXPECT_EQ(reason(nobody, "2001:db8::12"), XV_source) << nobody;
    EXPECT_EQ(reason(nobody, "ff02::12"), XV_source) << nobody;
  }
}

// R72: what is a form of the checksum in one version is a mistake in the others.
TEST(Parse, TheFormOfTheChecksum) {
  EXPECT_EQ(parse_on_host(Packet::v3_six().message_only_checksum()).reason, XV_checksum);
  EXPECT_EQ(parse_on_host(Packet::v2().pseudo_header_checksum()).reason, XV_checksum);
  EXPECT_EQ(parse_on_host(Packet::v3().message_only_checksum()).advert.notes, XV_NOTE_CHECKSUM_MESSAGE);
  EXPECT_EQ(parse_on_host(Packet::v3()).advert.notes, 0);
}

// Both forms at once: a pseudo-header that sums to zero leaves nothing to tell them apart by.
TEST(Parse, APseudoHeaderThatSumsToZeroLeavesNoForm) {
  const auto sum = words_modulo_65535(pseudo_header({192, 168, 0, 0}, {224, 0, 0, 18}, 12));
  const auto rest = static_cast<std::uint16_t>(0xffff - sum);
  const Packet::Address source{192, 168, static_cast<std::uint8_t>(rest >> 8),
                               static_cast<std::uint8_t>(rest)};
  for (const auto& packet :
       {Packet::v3().source(source), Packet::v3().source(source).message_only_checksum()}) {
    const auto parsed = parse_on_host(packet);
    EXPECT_EQ(parsed.reason, XV_observed);
    EXPECT_EQ(parsed.advert.notes, 0);
  }
}

// R86: every length of the IPv4 header.
TEST(Parse, IpOptions) {
  for (std::size_t words = 0; words <= 10; ++words) {
    const auto parsed = parse_on_host(Packet::v3().ip_options(Bytes(words * 4, 1)));
    EXPECT_EQ(parsed.reason, XV_observed) << words;
    EXPECT_EQ(parsed.advert.vrid, 10);
    EXPECT_EQ(parsed.advert.interval, 100);
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
