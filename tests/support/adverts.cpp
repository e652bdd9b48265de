// SPDX-License-Identifier: BSD-2-Clause
#include "support/adverts.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/vectors.hpp"

namespace xvrrp::test {

Advert Advert::to_group(std::uint8_t version, std::uint8_t family, std::uint8_t count) {
  Advert advert;
  advert.spec.version = version;
  advert.spec.family = family;
  advert.spec.count = count;
  const auto group = from_hex(family == 6 ? "ff020000000000000000000000000012" : "e0000012");
  std::copy(group.begin(), group.end(), advert.spec.destination);
  advert.addresses.resize(count * (family == 6 ? 16u : 4u));
  return advert;
}

Bytes build(const Advert& advert) {
  auto spec = advert.spec;
  spec.addresses = advert.addresses.data();
  Bytes frame(XV_ADVERT_FRAME_MAX, 0xee);
  frame.resize(xv_build_advert(&spec, frame.data()));
  return frame;
}

Bytes build_unsolicited_na(const Bytes& mac, const Bytes& address) {
  Bytes frame(XV_NA_FRAME_BYTES, 0xee);
  EXPECT_EQ(xv_build_unsolicited_na(mac.data(), address.data(), frame.data()), frame.size());
  return frame;
}

Bytes build_gratuitous_arp(const Bytes& mac, const Bytes& address) {
  Bytes frame(XV_ARP_FRAME_BYTES, 0xee);
  EXPECT_EQ(xv_build_gratuitous_arp(mac.data(), address.data(), frame.data()), frame.size());
  return frame;
}

Advert advert_of(const Bytes& frame, const xv_advert& parsed) {
  Advert advert;
  auto& spec = advert.spec;
  std::copy_n(frame.begin() + 6, 6, spec.source_mac);
  spec.family = parsed.family;
  spec.version = parsed.version;
  spec.vrid = parsed.vrid;
  spec.priority = parsed.priority;
  spec.auth_type = parsed.auth_type;
  spec.count = parsed.count;
  spec.message_only_sum = (parsed.notes & XV_NOTE_CHECKSUM_MESSAGE) != 0;
  spec.interval = parsed.interval;
  std::copy_n(parsed.auth_data, 8, spec.auth_data);
  std::copy_n(parsed.source, 16, spec.source);
  std::copy_n(parsed.destination, 16, spec.destination);
  const auto list = frame.begin() + 14 + (parsed.family == 6 ? 40 : 20) + 8;
  advert.addresses.assign(list, list + parsed.count * (parsed.family == 6 ? 16 : 4));
  return advert;
}

void expect_same(const Advert& built, const xv_advert& parsed) {
  const auto& spec = built.spec;
  EXPECT_EQ(parsed.family, spec.family);
  EXPECT_EQ(parsed.version, spec.version);
  EXPECT_EQ(parsed.vrid, spec.vrid);
  EXPECT_EQ(parsed.priority, spec.priority);
  EXPECT_EQ(parsed.count, spec.count);
  EXPECT_EQ(parsed.interval, spec.interval);
  EXPECT_EQ(parsed.auth_type, spec.auth_type);
  EXPECT_TRUE(std::equal(spec.auth_data, spec.auth_data + 8, parsed.auth_data));
  EXPECT_TRUE(std::equal(spec.source, spec.source + 16, parsed.source));
  EXPECT_TRUE(std::equal(spec.destination, spec.destination + 16, parsed.destination));
  EXPECT_EQ(parsed.list_sum, words_modulo_65535(built.addresses));
}

} // namespace xvrrp::test
