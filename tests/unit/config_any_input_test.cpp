// SPDX-License-Identifier: BSD-2-Clause
// Whatever the input, the answer is well-formed.
#include <array>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

using std::chrono::seconds;

/// Whatever the text was, the answer is well-formed.
void expect_sane(const std::string& text) {
  const Outcome outcome = parse(text, "f");
  unsigned line = 1;
  for (const Diagnostic& diagnostic : outcome.diagnostics) {
    ASSERT_GE(diagnostic.where.line, line) << text;
    ASSERT_GE(diagnostic.where.column, 1U) << text;
    ASSERT_FALSE(diagnostic.message.empty()) << text;
    line = diagnostic.where.line;
  }
  if (!outcome.ok())
    return;
  for (const Instance& instance : outcome.configuration.instances) {
    ASSERT_FALSE(instance.interface.empty()) << text;
    ASSERT_FALSE(instance.advertised().empty()) << text;
    if (instance.router.family == Family::IPv6) {
      ASSERT_EQ(instance.router.version, core::Version::V3) << text;
      ASSERT_TRUE(instance.addresses.front().prefix.address.is_link_local()) << text;
      ASSERT_LE(instance.advertised().size(), 90U) << text;
      ASSERT_TRUE(instance.nat.empty()) << text;
      ASSERT_FALSE(instance.router.v2_interop) << text;
    }
    ASSERT_NE(instance.router.vrid, 0) << text;
    ASSERT_NE(instance.router.priority, 0) << text;
    ASSERT_GT(instance.router.advertisement_interval, seconds{0}) << text;
  }
}

TEST(AnyInput, RandomBytes) {
  std::mt19937 random{20240601};
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 400, ' ');
    for (char& byte : text)
      byte = static_cast<char>(random() % 256);
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

TEST(AnyInput, RandomWords) {
  constexpr std::array<std::string_view, 50> kWords{"{",
                                                    "}",
                                                    "\n",
                                                    "\n",
                                                    "\n",
                                                    "\"",
                                                    "#",
                                                    "!",
                                                    "\\",
                                                    "${A}",
                                                    "@a",
                                                    "$A=",
                                                    "~SEQ(i,3)",
                                                    "include",
                                                    "global_defs",
                                                    "{\n",
                                                    "}\n",
                                                    "accept",
                                                    "priority",
                                                    "advert_int",
                                                    "interface",
                                                    "eth0",
                                                    "255",
                                                    "1",
                                                    "0.01",
                                                    "state",
                                                    "MASTER",
                                                    "version",
                                                    "3",
                                                    "10.0.0.1/24",
                                                    "fe80::1",
                                                    "2001:db8::1/64\n",
                                                    "fe80::2%eth0",
                                                    "native_ipv6\n",
                                                    "v2_interop",
                                                    "v3_checksum_as_v2",
                                                    "auto",
                                                    "dev",
                                                    "brd",
                                                    "+",
                                                    "from",
                                                    "oif",
                                                    "snat",
                                                    "masquerade",
                                                    "to",
                                                    "vrrp_instance",
                                                    "virtual_ipaddress {\n",
                                                    "virtual_nat {\n",
                                                    "unicast_peer {\n",
                                                    "authentication {\n"};
  std::mt19937 random{7};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto count = random() % 120; count > 0; --count) {
      text += kWords[random() % kWords.size()];
      if (random() % 8 != 0)
        text += ' ';
    }
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

TEST(AnyInput, DamagedFiles) {
  std::mt19937 random{1};
  for (int round = 0; round < 3000; ++round) {
    std::string text{kDent2};
    for (auto count = 1 + random() % 4; count > 0; --count) {
      const std::size_t place = random() % text.size();
      switch (random() % 3) {
      case 0:
        text[place] = static_cast<char>(random() % 256);
        break;
      case 1:
        text.erase(place, 1 + random() % 20);
        break;
      default:
        text.insert(place, text.substr(random() % text.size(), random() % 40));
        break;
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

TEST(AnyInput, EveryPrefixOfAFile) {
  for (std::size_t length = 0; length <= kDent2.size(); ++length)
    ASSERT_NO_FATAL_FAILURE(expect_sane(std::string{kDent2.substr(0, length)}));
}

TEST(AnyInput, Masses) {
  for (const char* const piece :
       {"{", "}", "{\n", "}\n", "a {", "a\n", "\"", "${", "vrrp_instance a {\n", "#", "\\"}) {
    std::string text;
    while (text.size() < 200000)
      text += piece;
    ASSERT_NO_FATAL_FAILURE(expect_sane(text));
  }
}

} // namespace
} // namespace xvrrp::config
