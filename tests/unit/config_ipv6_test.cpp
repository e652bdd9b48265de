// SPDX-License-Identifier: BSD-2-Clause
// IPv6 virtual routers: how one is told, what it has that IPv4 has not, and the other way round.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

TEST(Ipv6, TheFirstAddressDecidesTheFamily) {
  const Instance instance = only_instance(instance_of_addresses("fe80::1/64\n2001:db8::1/64 dev eth1\n"
                                                                "2001:db8::2 scope link"));
  EXPECT_EQ(instance.router.family, Family::IPv6);
  EXPECT_EQ(instance.router.version, core::Version::V3);
  EXPECT_EQ(instance.router.advertisement_interval, std::chrono::seconds{1});
  EXPECT_TRUE(instance.router.primary_address.is_unspecified());
  EXPECT_EQ(addresses_of(instance),
            (std::vector<std::string>{"fe80::1/64", "2001:db8::1/64", "2001:db8::2/128"}));
  EXPECT_EQ(instance.addresses[1].device, "eth1");
}

TEST(Ipv6, TheVersionIs3UnlessTheInstanceSaysOtherwise) {
  for (const std::string global : {"2", "3"}) {
    const std::string globals = "global_defs {\n vrrp_version " + global + "\n}\n";
    for (const std::string lines : {"", "version 3", "native_ipv6", "native_ipv6\nversion 3"}) {
      EXPECT_EQ(only_instance(globals + ipv6_instance_with(lines)).router.version, core::Version::V3);
      EXPECT_EQ(texts(parse(ipv6_instance_with(lines) + globals, "f")), std::vector<std::string>{});
    }
  }
  expect_complaints(
      {in_ipv6_instance("version 2", {"f:5:1: error: VRRP version 2 has no IPv6: remove version or use "
                                      "version 3"}),
       in_ipv6_instance("native_ipv6\n version 2\nadvert_int 0.5",
                        {"f:6:2: error: VRRP version 2 has no IPv6: remove version or use version 3"})});
}

// RFC 9568 5.2.9.
TEST(Ipv6, EveryAddressIsOfTheFamily) {
  const std::string decides = ": the first line of virtual_ipaddress decides";
  expect_complaints(
      {in_addresses("fe80::1/64\n10.0.0.1/24\n2001:db8::1/64\n10.0.0.2",
                    {"f:3:1: error: 10.0.0.1 is an IPv4 address, but the virtual router is IPv6" + decides,
                     "f:5:1: error: 10.0.0.2 is an IPv4 address, but the virtual router is IPv6" + decides}),
       in_addresses("10.0.0.1/24\nfe80::1/64",
                    {"f:3:1: error: fe80::1 is an IPv6 address, but the virtual router is IPv4" + decides}),
       in_instance("native_ipv6",
                   {"f:5:1: error: native_ipv6 stands beside IPv4 addresses: remove it or give IPv6 "
                    "addresses"}),
       in_ipv6_instance(
           "unicast_src_ip 10.0.0.7\nunicast_peer {\n 10.0.0.8\n}",
           {"f:5:16: error: 10.0.0.7 is an IPv4 address, but the virtual router is IPv6" + decides,
            "f:7:2: error: 10.0.0.8 is an IPv4 address, but the virtual router is IPv6" + decides})});
}

// RFC 9568 5.2.9 with erratum 8300.
TEST(Ipv6, ALinkLocalAddressIsMovedToTheFront) {
  const Outcome outcome =
      parse(instance_of_addresses("2001:db8::1/64\n2001:db8::2/64\n  fe80::1/64 dev eth0\n2001:db8::3\n"
                                  "fe80::2/64"),
            "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{
                                "f:4:3: warning: fe80::1 is moved to the front: an IPv6 advert begins with "
                                "a link-local address (RFC 9568 5.2.9)"});
  ASSERT_EQ(outcome.configuration.instances.size(), 1U);
  EXPECT_EQ(addresses_of(outcome.configuration.instances.front()),
            (std::vector<std::string>{"fe80::1/64", "2001:db8::1/64", "2001:db8::2/64", "2001:db8::3/128",
                                      "fe80::2/64"}))
      << "the others keep their order";
  EXPECT_EQ(outcome.configuration.instances.front().addresses.front().device, "eth0");
}

TEST(Ipv6, ALinkLocalAddressThatIsFirstStaysThere) {
  const Outcome outcome = parse(instance_of_addresses("fe80::2/64\n2001:db8::1/64\nfe80::1/64"), "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
  EXPECT_EQ(addresses_of(outcome.configuration.instances.front()),
            (std::vector<std::string>{"fe80::2/64", "2001:db8::1/64", "fe80::1/64"}));
}

TEST(Ipv6, ALinkLocalAddressMayStandInALaterBlock) {
  const Instance instance = only_instance("vrrp_instance A {\n interface eth0\n virtual_router_id 1\n"
                                          " virtual_ipaddress { 2001:db8::1/64 }\n"
                                          " virtual_ipaddress { fe80::1/64 }\n}\n");
  EXPECT_EQ(addresses_of(instance), (std::vector<std::string>{"fe80::1/64", "2001:db8::1/64"}));
}

TEST(Ipv6, WithoutALinkLocalAddressIsRefused) {
  const std::string needs = "error: an IPv6 virtual router needs a link-local virtual address: add one, for "
                            "example fe80::1/64 (other routers drop adverts that do not begin with one)";
  expect_complaints({in_addresses("  2001:db8::1/64\n2001:db8::2/64", {"f:2:3: " + needs}),
                     in_addresses("fec0::1/64", {"f:2:1: " + needs}),
                     // The line that is wrong may be the one.
                     in_addresses("2001:db8::1/64\nfe80:1/64",
                                  {"f:3:1: error: \"fe80:1/64\" is not an IP address: the form is ADDRESS or "
                                   "ADDRESS/LENGTH"}),
                     in_addresses("2001:db8::1/64\nfe80::1/0",
                                  {"f:3:9: error: prefix length 0 is out of range: allowed are 1 to 128"})});
}

// (1500 - 40 - 8) / 16
const std::string kTooMany =
    "too many virtual addresses: an advert of 1500 bytes holds 90, so those from here on "
    "are treated as virtual_ipaddress_excluded";
TEST(Ipv6, AnAdvertHolds90Addresses) {
  const auto said_about = [](int count) {
    std::string lines = "fe80::1/64\n";
    for (int i = 1; i < count; ++i)
      lines += "2001:db8::" + std::to_string(i) + "\n";
    return texts(parse(instance_of_addresses(lines), "f"));
  };
  EXPECT_EQ(said_about(90), std::vector<std::string>{});
  for (const int count : {91, 92, 300})
    EXPECT_EQ(said_about(count), std::vector<std::string>{"f:92:1: warning: " + kTooMany});
}

TEST(Ipv6, ALinkLocalAddressBehindTheLimitIsAdvertised) {
  std::string lines;
  for (int i = 1; i < 100; ++i)
    lines += "2001:db8::" + std::to_string(i) + "\n";
  EXPECT_EQ(
      texts(parse(instance_of_addresses(lines + "fe80::1/64"), "f")),
      (std::vector<std::string>{"f:91:1: warning: " + kTooMany,
                                "f:101:1: warning: fe80::1 is moved to the front: an IPv6 advert begins "
                                "with a link-local address (RFC 9568 5.2.9)"}));
}

TEST(Ipv6, UnicastMayUseGlobalAddresses) {
  const Instance instance = only_instance(ipv6_instance_with("unicast_src_ip 2001:db8::11\n"
                                                             "unicast_peer {\n 2001:db8::12\n fe80::13\n}"));
  EXPECT_EQ(instance.router.primary_address, *IpAddress::parse("2001:db8::11"));
  EXPECT_EQ(instance.unicast_peers,
            (std::vector<IpAddress>{*IpAddress::parse("2001:db8::12"), *IpAddress::parse("fe80::13")}));
}

// RFC 9568 5.1.2.1.
TEST(Ipv6, TheSourceOfMulticastIsLinkLocal) {
  EXPECT_EQ(only_instance(ipv6_instance_with("mcast_src_ip fe80::11")).router.primary_address,
            *IpAddress::parse("fe80::11"));
  const std::string has_to_be =
      " is not link-local: the source of IPv6 adverts to the multicast group has to "
      "be (RFC 9568 5.1.2.1)";
  expect_complaints(
      {in_ipv6_instance("mcast_src_ip 2001:db8::11", {"f:5:14: error: 2001:db8::11" + has_to_be}),
       in_ipv6_instance("unicast_src_ip 2001:db8::11",
                        {"f:5:1: warning: unicast_src_ip without unicast_peer: adverts go to the multicast "
                         "group (mcast_src_ip says so)",
                         "f:5:16: error: 2001:db8::11" + has_to_be}),
       in_ipv6_instance("unicast_src_ip 2001:db8::11\nunicast_peer {\n}",
                        {"f:5:16: error: 2001:db8::11" + has_to_be,
                         "f:6:1: warning: unicast_peer is empty: adverts go to the multicast group"}),
       // It was meant to be unicast.
       in_ipv6_instance("unicast_src_ip 2001:db8::11\nunicast_peer {\n 2001:db8\n}",
                        {"f:7:2: error: \"2001:db8\" is not an IP address"})});
}

TEST(Ipv6, AnAddressNamesNoInterface) {
  const std::string counts = ", the interface of the vrrp_instance counts";
  expect_complaints(
      {in_ipv6_instance("mcast_src_ip fe80::11%eth0",
                        {"f:5:14: error: \"fe80::11%eth0\" names an interface: write \"fe80::11\"" + counts}),
       in_ipv6_instance("unicast_peer {\n fe80::12%2\n}",
                        {"f:6:2: error: \"fe80::12%2\" names an interface: write \"fe80::12\"" + counts}),
       in_addresses("fe80::1%eth0/64",
                    {"f:2:1: error: \"fe80::1%eth0/64\" names an interface: write \"fe80::1/64\"" + counts}),
       in_addresses("fe80::1%",
                    {"f:2:1: error: \"fe80::1%\" names an interface: write \"fe80::1\"" + counts}),
       in_addresses("10.0.0.1%eth0/24", {"f:2:1: error: \"10.0.0.1%eth0/24\" is not an IP address: the form "
                                         "is ADDRESS or ADDRESS/LENGTH"})});
}

TEST(Ipv6, WhatOnlyIpv4HasIsRefused) {
  expect_complaints(
      {in_addresses(
           "fe80::1/64 brd +\n2001:db8::1/64 label eth0:1",
           {"f:2:16: error: IPv6 has no broadcast address", "f:3:22: error: IPv6 addresses have no label"}),
       in_ipv6_instance(
           "virtual_nat {\ndnat tcp 80 to [2001:db8::9]:8080 address 2001:db8::1\ndnat to fd00::1\n}",
           {"f:7:1: error: dnat has no virtual address to forward from but link-local ones: give it "
            "\"address\""}),
       in_ipv6_instance("virtual_nat {\nmasquerade oif ma1\nsnat to 10.0.0.1 oif ma1\n}",
                        {"f:7:9: error: 10.0.0.1 is an IPv4 address, but the virtual router is IPv6: "
                         "the first line of virtual_ipaddress decides"}),
       in_ipv6_instance("authentication {\n auth_type PASS\n auth_pass x\n}",
                        {"f:5:1: error: VRRP version 3 has no authentication: remove it"}),
       in_ipv6_instance("v2_interop", {"f:5:1: error: v2_interop is for IPv4: VRRP version 2 has no IPv6"}),
       in_ipv6_instance("v2_strict_addresses",
                        {"f:5:1: warning: v2_strict_addresses has no effect with version 3: it is ignored"}),
       in_addresses("ff02::12", {"f:2:1: error: ff02::12 is not a unicast address"}),
       in_addresses("::", {"f:2:1: error: :: is not a unicast address"}),
       in_addresses("fe80::1/64\nfe80:0::1/128",
                    {"f:3:1: error: virtual address fe80::1 is given twice: first at line 2"}),
       in_addresses("fe80::1/129",
                    {"f:2:9: error: prefix length 129 is out of range: allowed are 1 to 128"})});
}

TEST(Ipv6, TheChecksumHasOneForm) {
  const Outcome outcome = parse(ipv6_instance_with("v3_checksum_as_v2"), "f");
  EXPECT_EQ(texts(outcome),
            std::vector<std::string>{"f:5:1: warning: v3_checksum_as_v2 has no effect with IPv6 "
                                     "addresses: it is ignored"});
  EXPECT_EQ(outcome.configuration.instances.front().checksum_form, ChecksumForm::PseudoHeader);
  const std::string globals = "global_defs {\n v3_checksum_as_v2 auto\n}\n";
  EXPECT_EQ(texts(parse(globals + ipv6_instance_with(""), "f")), std::vector<std::string>{});
  EXPECT_EQ(only_instance(globals + ipv6_instance_with("")).checksum_form, ChecksumForm::PseudoHeader);
}

// RFC 9568 5.2.3.
TEST(Ipv6, BothFamiliesOfAVridStandSideBySide) {
  for (const std::string& text : {instance_with("") + ipv6_instance_with("", "vrrp_instance B {"),
                                  ipv6_instance_with("") + instance_with("", "vrrp_instance B {")}) {
    const Outcome outcome = parse(text, "f");
    EXPECT_EQ(texts(outcome), std::vector<std::string>{});
    EXPECT_EQ(outcome.configuration.instances.size(), 2U);
  }
}

} // namespace
} // namespace xvrrp::config
