// SPDX-License-Identifier: BSD-2-Clause
// Options of the protocol: the form of the checksum, version 2 beside version 3, address lists, owners.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

TEST(ChecksumForms, AreChosenByABoolOrByAuto) {
  const auto form = [](const std::string& word) {
    return only_instance(instance_with("version 3\nv3_checksum_as_v2 " + word)).checksum_form;
  };
  for (const std::string word : {"", "on", "true", "yes"})
    EXPECT_EQ(form(word), ChecksumForm::MessageOnly) << word;
  for (const std::string word : {"off", "false", "no"})
    EXPECT_EQ(form(word), ChecksumForm::PseudoHeader) << word;
  EXPECT_EQ(form("auto"), ChecksumForm::AsHeard);
  expect_complaints(
      {in_instance("version 3\nv3_checksum_as_v2 maybe",
                   {"f:6:19: error: v3_checksum_as_v2 cannot be \"maybe\": allowed are on, off, true, false, "
                    "yes, no and auto"})});
}

TEST(ChecksumForms, AreCopiedWhereTheInstanceBegins) {
  const Outcome outcome =
      parse("global_defs {\n v3_checksum_as_v2 auto\n}\n" + instance_with("version 3") +
                instance_with("version 3\nv3_checksum_as_v2 off\npriority 9", "vrrp_instance B {\n #"),
            "f");
  ASSERT_EQ(outcome.configuration.instances.size(), 2U);
  EXPECT_EQ(outcome.configuration.instances[0].checksum_form, ChecksumForm::AsHeard);
  EXPECT_EQ(outcome.configuration.instances[1].checksum_form, ChecksumForm::PseudoHeader);
}

TEST(V2Interop, IsForVersion3) {
  EXPECT_TRUE(only_instance(instance_with("version 3\nv2_interop")).router.v2_interop);
  EXPECT_TRUE(only_instance(instance_with("v2_interop on\nversion 3")).router.v2_interop);
  EXPECT_FALSE(only_instance(instance_with("version 3\nv2_interop off")).router.v2_interop);
  EXPECT_FALSE(only_instance(instance_with("v2_interop no")).router.v2_interop);
  const std::string globals = "global_defs {\n vrrp_version 3\n}\n";
  EXPECT_TRUE(only_instance(instance_with("v2_interop") + globals).router.v2_interop);
  const std::string needs = "error: v2_interop makes version 3 speak version 2 too: add version 3 or remove "
                            "v2_interop";
  expect_complaints(
      {in_instance("priority 9\n v2_interop", {"f:6:2: " + needs}),
       in_instance("v2_interop\nversion 2", {"f:5:1: " + needs}),
       in_instance("version 3\nv2_interop perhaps",
                   {"f:6:12: error: v2_interop cannot be \"perhaps\": allowed are on, off, true, false, yes "
                    "and no"})});
}

TEST(V2Interop, HasNoAuthentication) {
  expect_complaints(
      {in_instance("version 3\nauthentication {\n auth_type PASS\n auth_pass x\n}\nv2_interop",
                   {"f:6:1: error: VRRP version 3 has no authentication, and the version 2 adverts of "
                    "v2_interop carry none: remove it"})});
}

// RFC 9568 8.4: the version 2 adverts leave at the configured rate too, and say whole seconds.
TEST(V2Interop, WarnsOfIntervalsThatVersion2CannotSay) {
  for (const std::string whole : {"1", "2.0", "40"})
    EXPECT_EQ(texts(parse(instance_with("version 3\nv2_interop\nadvert_int " + whole), "f")),
              std::vector<std::string>{});
  for (const std::string fraction : {"0.5", "1.01", "40.95"})
    EXPECT_EQ(texts(parse(instance_with("version 3\nv2_interop\nadvert_int " + fraction), "f")),
              std::vector<std::string>{"f:7:12: warning: advert_int " + fraction +
                                       " is not whole seconds, as version 2 adverts announce them: version 2 "
                                       "routers that require their own interval ignore us"});
  EXPECT_EQ(texts(parse(instance_with("version 3\nv2_interop\nadvert_int 0.001"), "f")),
            std::vector<std::string>{"f:7:12: error: advert_int 0.001 is below 0.01, which is not for "
                                     "v2_interop: remove one of them"});
}

TEST(V2StrictAddresses, IsForVersion2) {
  EXPECT_TRUE(only_instance(instance_with("v2_strict_addresses")).strict_addresses);
  EXPECT_TRUE(only_instance(instance_with("v2_strict_addresses yes\nversion 2")).strict_addresses);
  EXPECT_FALSE(only_instance(instance_with("v2_strict_addresses no")).strict_addresses);
  EXPECT_FALSE(only_instance(instance_with("v2_strict_addresses\nversion 3")).strict_addresses);
  EXPECT_EQ(texts(parse(instance_with("version 3\nv2_strict_addresses off"), "f")),
            std::vector<std::string>{});
  expect_complaints(
      {in_instance("version 3\nv2_interop\n v2_strict_addresses",
                   {"f:7:2: warning: v2_strict_addresses has no effect with version 3: it is ignored"})});
}

TEST(AcceptMode, IsOnUnlessSaidOtherwise) {
  EXPECT_TRUE(only_instance(instance_with("")).accept);
  EXPECT_TRUE(only_instance(instance_with("accept")).accept);
  EXPECT_FALSE(only_instance(instance_with("no_accept")).accept);
}

TEST(VirtualMacs, AreTheRfcsOrAsGiven) {
  using Mac = std::array<std::uint8_t, 6>;
  const auto mac = [](const std::string& lines) {
    const auto instance = only_instance(instance_with(lines));
    return instance.virtual_mac ? instance.virtual_mac->mac : std::optional{Mac{}};
  };
  EXPECT_FALSE(only_instance(instance_with("")).virtual_mac);
  for (const std::string words : {"", " vrrp.51", " name vrrp.51", " vrrp.51 netlink_notify_msg group 7"})
    EXPECT_EQ(mac("use_vmac" + words), std::nullopt) << words;
  EXPECT_EQ(mac("use_vmac vrrp.51 02:a:Bb:0:0:33"), (Mac{0x02, 0x0a, 0xbb, 0, 0, 0x33}));
  EXPECT_EQ(mac("use_vmac 02:11:22:33:44"), (Mac{0x02, 0x11, 0x22, 0x33, 0x44, 1}));
  EXPECT_TRUE(only_instance(instance_with("use_vmac\nvmac_xmit_base")).virtual_mac->adverts_from_device);
}

TEST(VirtualMacs, AreRefusedWhereTheyCannotBe) {
  const std::string form =
      " is not a MAC address: allowed are six octets, as in 02:00:00:00:00:33, or five that "
      "virtual_router_id completes";
  expect_complaints(
      {in_instance("use_vmac 02:11:22:33", {"f:5:10: error: \"02:11:22:33\"" + form}),
       in_instance("use_vmac 02:11:22:33:44:5g", {"f:5:10: error: \"02:11:22:33:44:5g\"" + form}),
       in_instance("use_vmac 03:11:22:33:44:55",
                   {"f:5:10: error: \"03:11:22:33:44:55\" is a multicast MAC address: "
                    "a virtual router has one of its own"}),
       in_instance("use_vmac 00:00:5e:00:01:07", {"f:5:10: error: \"00:00:5e:00:01:07\" lies among the MAC "
                                                  "addresses that RFC 9568 gives to virtual "
                                                  "routers: leave it out to have the right one"}),
       in_instance("use_vmac a b",
                   {"f:5:12: error: unexpected \"b\" in use_vmac: allowed are [name] NAME, a MAC "
                    "address, netlink_notify_msg and group GID"}),
       in_instance("vmac_xmit_base",
                   {"f:5:1: warning: vmac_xmit_base has no effect without use_vmac: it is ignored"})});
}

TEST(VirtualMacs, BelongToOneRouterOfAnInterface) {
  const std::string mac = "use_vmac 02:11:22:33:44:55";
  const std::string six = ipv6_instance_with(mac, "vrrp_instance B {");
  expect_complaints(
      {Complaint{instance_with(mac) + six,
                 {"f:11:10: error: this MAC address is taken on eth0: by vrrp_instance \"A\" at line 1"}},
       Complaint{instance_with("use_vmac") + ipv6_instance_with("use_vmac", "vrrp_instance B {"), {}}});
  std::string elsewhere = six;
  elsewhere.replace(elsewhere.find("eth0"), 4, "eth1");
  expect_complaints({Complaint{instance_with(mac) + elsewhere, {}}});
}

TEST(Lease, IsBetweenTheIntervalAndWhatABackupWaits) {
  const auto lease = [](const std::string& lines) { return only_instance(instance_with(lines)).lease; };
  EXPECT_EQ(lease(""), std::nullopt);
  EXPECT_EQ(lease("lease_ms 1500"), std::chrono::milliseconds{1500});
  EXPECT_EQ(lease("lease_ms 0"), Nanoseconds::zero());
  EXPECT_EQ(lease("version 3\nadvert_int 0.01\nlease_ms 25"), std::chrono::milliseconds{25});
  EXPECT_EQ(lease("version 3\nadvert_int 0.001\nlease_ms 2"), std::chrono::milliseconds{2});
  expect_complaints(
      {in_instance("lease_ms 1000",
                   {"f:5:1: error: lease_ms must be longer than advert_int (1000 ms), for each "
                    "advert renews the lease; 0 switches it off"}),
       in_instance("down_timer_adverts 2\nlease_ms 2001",
                   {"f:6:1: warning: lease_ms is longer than the 2000 ms after which a Backup may take over: "
                    "until it ends, two routers may answer for the addresses"}),
       in_instance("lease_ms 1.5",
                   {"f:5:10: error: lease_ms \"1.5\" is not a whole number: allowed are 0 to 1000000"})});
}

TEST(Owners, MayIgnoreAdverts) {
  EXPECT_TRUE(
      only_instance(instance_with("priority 255\nowner_ignore_adverts")).router.owner_ignores_adverts);
  EXPECT_TRUE(
      only_instance(instance_with("owner_ignore_adverts on\nstate MASTER")).router.owner_ignores_adverts);
  EXPECT_FALSE(
      only_instance(instance_with("priority 255\nowner_ignore_adverts off")).router.owner_ignores_adverts);
  EXPECT_TRUE(
      only_instance(ipv6_instance_with("priority 255\nowner_ignore_adverts")).router.owner_ignores_adverts);
  EXPECT_FALSE(only_instance(instance_with("owner_ignore_adverts")).router.owner_ignores_adverts);
  expect_complaints(
      {in_instance("priority 254\nowner_ignore_adverts",
                   {"f:6:1: warning: owner_ignore_adverts has no effect with priority 254: it is ignored"})});
}

} // namespace
} // namespace xvrrp::config
