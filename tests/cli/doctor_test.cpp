// SPDX-License-Identifier: BSD-2-Clause
// What doctor judges and no test machine can show.
#include <gtest/gtest.h>

#include "cli/doctor.hpp"

namespace xvrrp::cli::doctor {
namespace {

platform::Interface interface_of(std::uint32_t index, const std::string& name, std::uint32_t vlan_of = 0) {
  platform::Interface interface;
  interface.index = index;
  interface.name = name;
  interface.kind = vlan_of != 0 ? "vlan" : "";
  interface.lower = vlan_of;
  return interface;
}

TEST(Doctor, TellsOfVlansWhoseTagsXdpDoesNotSee) {
  const auto eth0 = interface_of(2, "eth0");
  std::map<std::string, platform::Interface> interfaces{
      {"eth0", eth0}, {"eth1", interface_of(3, "eth1")}, {"v1", interface_of(4, "v1", 3)}};
  EXPECT_FALSE(other_vlans("A on eth0", eth0, interfaces, true)) << "the VLAN is another device's";
  interfaces["v0"] = interface_of(5, "v0", 2);
  const auto found = other_vlans("A on eth0", eth0, interfaces, true);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->code, Code::vlan_tags_off);
  EXPECT_EQ(found->remedy, "ethtool -K eth0 rxvlan off");
  EXPECT_FALSE(other_vlans("A on eth0", eth0, interfaces, false)) << "the tags are seen";
  EXPECT_FALSE(other_vlans("B on v0", interfaces["v0"], interfaces, true)) << "a router of the VLAN itself";
  interfaces["v0"].lower_elsewhere = true;
  EXPECT_FALSE(other_vlans("A on eth0", eth0, interfaces, true)) << "the number is of another namespace";
}

} // namespace
} // namespace xvrrp::cli::doctor
