// SPDX-License-Identifier: BSD-2-Clause
// The sum of the address list, which falls out of the checksum: what an advert's list is compared by.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "support/packet.hpp"
#include "support/vectors.hpp"

namespace xvrrp::test {
namespace {

using List = std::vector<Packet::Address>;

std::uint16_t sum_of(const Packet& packet) {
  const auto parsed = parse_on_host(packet);
  EXPECT_EQ(parsed.reason, XV_observed);
  return parsed.advert.list_sum;
}

/// The sum that user space writes into the configuration.
std::uint16_t own_sum(const List& list) {
  Bytes bytes;
  for (const auto& address : list)
    append(bytes, address);
  return xv_normal_sum(
      xv_sum_bytes({bytes.data(), bytes.data() + bytes.size()}, static_cast<__u32>(bytes.size())));
}

const List kFour{{192, 0, 2, 1}, {192, 0, 2, 7}, {10, 255, 0, 200}};

TEST(ListSum, IsThatOfOurOwnListWhateverTheOrder) {
  auto list = kFour;
  std::sort(list.begin(), list.end());
  do {
    EXPECT_EQ(sum_of(Packet::v3().addresses(list)), own_sum(kFour));
    EXPECT_EQ(sum_of(Packet::v2().addresses(list)), own_sum(kFour));
  } while (std::next_permutation(list.begin(), list.end()));
  List six{v6("fe80::1"), v6("2001:db8::1"), v6("2001:db8:ffff::ffff")};
  const auto expected = own_sum(six);
  EXPECT_EQ(sum_of(Packet::v3_six().addresses(six)), expected);
  std::swap(six[1], six[2]);
  EXPECT_EQ(sum_of(Packet::v3_six().addresses(six)), expected);
}

TEST(ListSum, DiffersWhenOneBitOfAnAddressDoes) {
  for (std::size_t bit = 0; bit < 96; ++bit) {
    auto list = kFour;
    auto& byte = list[bit / 32][bit / 8 % 4];
    byte = static_cast<std::uint8_t>(byte ^ (1u << (bit % 8)));
    EXPECT_NE(sum_of(Packet::v3().addresses(list)), own_sum(kFour)) << bit;
  }
}

// Nothing of the header, of the authentication data or of the form of the checksum is in it.
TEST(ListSum, IsOfTheAddressesAlone) {
  const auto expected = own_sum(kFour);
  EXPECT_EQ(sum_of(Packet::v2().addresses(kFour).password("1212")), expected);
  EXPECT_EQ(sum_of(Packet::v2().addresses(kFour).password("\xff\xff\xff\xff\xff\xff\xff\xff")), expected);
  EXPECT_EQ(sum_of(Packet::v3().addresses(kFour).message_only_checksum()), expected);
  EXPECT_EQ(sum_of(Packet::v3().addresses(kFour).priority(0).vrid(255).interval(0xffff)), expected);
  EXPECT_EQ(sum_of(Packet::v3().addresses(kFour).source({1, 2, 3, 4})), expected);
  EXPECT_EQ(sum_of(Packet::v3().addresses(kFour).trailing({1, 2, 3})), expected);
  EXPECT_EQ(sum_of(Packet::v3().addresses(kFour).summed_trailing({1, 2, 3})), expected);
  EXPECT_EQ(sum_of(Packet::v2().addresses(kFour).summed_trailing({1, 2, 3, 4, 5})), expected);
}

// One's complement has two zeros. Both sides name the same one.
TEST(ListSum, ThatFoldsToZeroOrAllOnes) {
  const List zero{{0, 0, 0, 0}};
  const List all_ones{{255, 255, 255, 255}};
  const List folds_to_all_ones{{192, 0, 63, 255}};
  const List twice{{192, 0, 63, 255}, {128, 1, 127, 254}};
  for (const auto& list : {zero, all_ones, folds_to_all_ones, twice}) {
    EXPECT_EQ(own_sum(list), 0);
    EXPECT_EQ(sum_of(Packet::v2().addresses(list)), 0);
    EXPECT_EQ(sum_of(Packet::v3().addresses(list)), 0);
    EXPECT_EQ(sum_of(Packet::v3().addresses(list).message_only_checksum()), 0);
  }
}

TEST(ListSum, OfAsManyAddressesAsThereCanBe) {
  std::mt19937 random{3};
  List four(255, Packet::Address(4)), six(92, Packet::Address(16));
  for (int round = 0; round < 200; ++round) {
    for (auto* list : {&four, &six}) {
      for (auto& address : *list)
        std::generate(address.begin(), address.end(), [&] { return static_cast<std::uint8_t>(random()); });
    }
    six[0][0] = 0xfe;
    six[0][1] = 0x80;
    EXPECT_EQ(sum_of(Packet::v2().addresses(four).password("1212")), own_sum(four));
    EXPECT_EQ(sum_of(Packet::v3().addresses(four)), own_sum(four));
    EXPECT_EQ(sum_of(Packet::v3_six().addresses(six)), own_sum(six));
  }
  const List ones(255, Packet::Address{255, 255, 255, 255});
  EXPECT_EQ(sum_of(Packet::v3().addresses(ones)), 0);
}

// What the comparison cannot see, as docs/decisions/0008 says: it is a sum.
TEST(ListSum, TwoDifferencesMayCancel) {
  EXPECT_EQ(own_sum({{192, 0, 2, 1}, {192, 0, 2, 4}}), own_sum({{192, 0, 2, 2}, {192, 0, 2, 3}}));
}

} // namespace
} // namespace xvrrp::test
