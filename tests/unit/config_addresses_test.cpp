// SPDX-License-Identifier: BSD-2-Clause
// The options of an address line, virtual_ipaddress_excluded and static_ipaddress.
#include <gtest/gtest.h>

#include <linux/if_addr.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

constexpr std::uint32_t kForever = VirtualAddress::kForever;

VirtualAddress line(const std::string& text) {
  const bool ipv6 = text.find(':') != std::string::npos && text.find('.') == std::string::npos;
  return only_instance(instance_of_addresses((ipv6 ? "fe80::1/64\n" : "") + text)).addresses.back();
}

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

std::string static_with(const std::string& lines, const std::string& head = "") {
  return head + "static_ipaddress {\n" + lines + "\n}\n" + instance_with("");
}

TEST(AddressLine, AnIpv6HostAddressIsNoSource) {
  EXPECT_EQ(line("2001:db8::1").preferred_lifetime, 0U);
  EXPECT_EQ(line("2001:db8::1/128").preferred_lifetime, 0U);
  EXPECT_EQ(line("2001:db8::1/64").preferred_lifetime, kForever);
  EXPECT_EQ(line("2001:db8::1/64 peer 2001:db8::2").preferred_lifetime, 0U);
  EXPECT_EQ(line("10.0.0.1").preferred_lifetime, kForever);
  EXPECT_EQ(line("2001:db8::1 preferred_lft forever").preferred_lifetime, kForever);
  EXPECT_EQ(line("2001:db8::1/64 preferred_lft 0").preferred_lifetime, 0U);
  EXPECT_EQ(line("2001:db8::1 preferred_lft 300").preferred_lifetime, 300U);
}

TEST(AddressLine, Flags) {
  EXPECT_EQ(line("10.0.0.1/24").flags, 0U);
  EXPECT_EQ(line("10.0.0.1/24 noprefixroute").flags, std::uint32_t{IFA_F_NOPREFIXROUTE});
  EXPECT_EQ(line("2001:db8::1/64 home mngtmpaddr noprefixroute").flags,
            std::uint32_t{IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE});
  EXPECT_TRUE(line("2001:db8::1/64 -nodad").detects_duplicates);
  EXPECT_FALSE(line("2001:db8::1/64").detects_duplicates);
  EXPECT_TRUE(line("10.0.0.1").tracked);
  EXPECT_FALSE(line("10.0.0.1 no_track").tracked);
}

TEST(AddressLine, AMulticastAddressIsJoined) {
  EXPECT_EQ(line("10.0.0.1\n224.1.1.1 autojoin").flags, std::uint32_t{IFA_F_MCAUTOJOIN});
  expect_complaints(
      {in_addresses("10.0.0.1\n10.0.0.2 autojoin",
                    {"f:3:1: error: 10.0.0.2 is not a multicast address, as autojoin wants"}),
       in_addresses("10.0.0.1\n224.1.1.1", {"f:3:1: error: 224.1.1.1 is not a unicast address"})});
}

TEST(AddressLine, Peers) {
  const auto four = only_instance(instance_of_addresses("10.0.0.1 peer 10.0.0.2")).addresses.front();
  EXPECT_EQ(four.peer, address("10.0.0.2"));
  EXPECT_EQ(four.prefix.length, 32);
  EXPECT_EQ(line("2001:db8::1 peer 2001:db8::2").peer, address("2001:db8::2"));
  expect_complaints(
      {in_addresses("10.0.0.1/24 peer 10.0.0.2",
                    {"f:2:1: warning: an address with a peer has no prefix length: it is ignored"}),
       in_addresses("10.0.0.1 peer fe80::2", {"f:2:15: error: fe80::2 is an IPv6 address, but the virtual "
                                              "router is IPv4: the first line of virtual_ipaddress decides"}),
       in_addresses("10.0.0.1 peer 10.0.0.2/24", {"f:2:15: error: \"10.0.0.2/24\" is not an IP address"}),
       in_addresses("10.0.0.1 brd 10.0.0.255 peer 10.0.0.2",
                    {"f:2:1: error: an address with a peer has no broadcast address: remove brd or peer"}),
       in_addresses("10.0.0.1 peer", {"f:2:10: error: peer needs an address"})});
}

TEST(AddressLine, WhatIsForTheOtherFamilyIsIgnored) {
  const auto ignored = [](const std::string& column, const std::string& word) {
    return "f:2:" + column + ": warning: " + word + " is for IPv6 addresses: it is ignored";
  };
  expect_complaints(
      {in_addresses("10.0.0.1 home mngtmpaddr -nodad preferred_lft 3",
                    {ignored("10", "home"), ignored("15", "mngtmpaddr"), ignored("26", "-nodad"),
                     ignored("33", "preferred_lft")}),
       in_addresses(
           "fe80::1/64 scope link\nfe80::2/64 scope link",
           {"f:2:12: warning: the scope of an IPv6 address follows from the address: it is ignored here "
            "and wherever else it is given"})});
  EXPECT_EQ(line("10.0.0.1 home preferred_lft 3").flags, 0U);
}

TEST(AddressLine, WrongOptions) {
  expect_complaints(
      {in_addresses(
           "fe80::1 preferred_lft soon",
           {"f:2:23: error: preferred_lft \"soon\" is not a whole number: allowed are 0 to 2147483647"}),
       in_addresses(
           "10.0.0.1 use_vmac",
           {"f:2:10: error: \"use_vmac\" in a line of addresses is a keepalived keyword that xvrrp does "
            "not support: use_vmac of the instance gives its virtual MAC to the addresses on its "
            "interface"}),
       in_addresses("10.0.0.1 track_group g",
                    {"f:2:10: error: unexpected \"track_group\" after the address"}),
       in_addresses(
           "10.0.0.1 no_tracks",
           {"f:2:10: error: unexpected \"no_tracks\" after the address: did you mean \"no_track\"?"})});
}

TEST(Excluded, AreNotAdvertisedAndOfAnyFamily) {
  const auto instance = only_instance(instance_with(
      "virtual_ipaddress_excluded {\n10.9.0.1/24 dev qr-1 scope link no_track\nfe80::1/64 dev qr-1 "
      "no_track\n}\nvirtual_ipaddress_excluded {\n10.9.0.2\n}"));
  EXPECT_EQ(instance.router.family, Family::IPv4);
  ASSERT_EQ(instance.addresses.size(), instance.advertised().size() + 3);
  EXPECT_EQ(instance.excluded, 3U);
  EXPECT_EQ(instance.addresses[1].device, "qr-1");
  EXPECT_FALSE(instance.addresses[1].tracked);
  EXPECT_EQ(instance.addresses[3].prefix.text(), "10.9.0.2/32");
}

TEST(Excluded, OfTooManyTheLastAre) {
  std::string lines;
  for (int i = 0; i < 300; ++i)
    lines += "10.0." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200) + "\n";
  const auto outcome = parse(instance_of_addresses(lines), "f");
  ASSERT_TRUE(outcome.ok());
  const auto& instance = outcome.configuration.instances.front();
  EXPECT_EQ(instance.addresses.size(), 300U);
  EXPECT_EQ(instance.advertised().size(), 255U);
  EXPECT_EQ(instance.addresses[255].prefix.text(), "10.0.1.56/32");
}

TEST(Excluded, AnAddressIsOnADeviceOnce) {
  expect_complaints(
      {in_instance("virtual_ipaddress_excluded {\n10.0.0.1\n}",
                   {"f:6:1: error: virtual address 10.0.0.1 is given twice: first at line 4"})});
  EXPECT_EQ(
      only_instance(instance_with("virtual_ipaddress_excluded {\nfe80::1 dev a\nfe80::1 dev b\n}")).excluded,
      2U);
}

TEST(NoVirtualIpaddress, AllowsNothing) {
  EXPECT_EQ(only_instance(instance_with("no_virtual_ipaddress")).addresses.size(), 1U);
  expect_complaints({{"vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nno_virtual_ipaddress\n}",
                      {"f:4:1: error: adverts without an address are ignored by all routers (RFC 9568 "
                       "5.2.5), also by xvrrp: "
                       "give virtual_ipaddress one that nobody needs, for example 169.254.0.1/24"}}});
}

TEST(StaticAddresses, HaveADevice) {
  const auto outcome = parse(static_with("10.1.0.1/24\nfe80::1 dev eth2 no_track track_group x") +
                                 "global_defs {\ndefault_interface eth1\n}\n",
                             "f");
  ASSERT_EQ(texts(outcome), std::vector<std::string>{});
  const auto& addresses = outcome.configuration.static_addresses;
  ASSERT_EQ(addresses.size(), 2U);
  EXPECT_EQ(addresses[0].device, "eth1");
  EXPECT_EQ(addresses[1].device, "eth2");
  EXPECT_FALSE(addresses[1].tracked);
  EXPECT_EQ(parse(static_with("10.1.0.1"), "f").configuration.static_addresses.front().device, "eth0");
}

TEST(StaticAddresses, AreGivenOnceAndNotVirtual) {
  expect_complaints(
      {{static_with("10.1.0.1\n10.1.0.1/24"),
        {"f:3:1: error: static address 10.1.0.1 is given twice: first at line 2"}},
       {static_with("10.0.0.1"),
        {"f:2:1: error: static address 10.0.0.1 is a virtual address of vrrp_instance \"A\", which only its "
         "Master "
         "has"}},
       {"track_group x {\n group {\n A\n }\n}\n" + instance_with(""),
        {"f:1:1: warning: \"track_group\"" + kNoEffect +
         "what static entries lose is put back at once, so that no instance goes down for it"}}});
}

TEST(PromoteSecondaries, IsOfTheInstance) {
  EXPECT_FALSE(only_instance(instance_with("")).promote_secondaries);
  EXPECT_TRUE(only_instance(instance_with("promote_secondaries")).promote_secondaries);
}

} // namespace
} // namespace xvrrp::config
