// SPDX-License-Identifier: BSD-2-Clause
// Where XDP meets an interface's frames. VLAN devices: tests/netns/test_vlans.py, for not every kernel has
// them.
#include "platform/place.hpp"
#include "testbed.hpp"

namespace xvrrp::platform {
namespace {

using namespace testing;

class Places : public NamespaceTest {};

TEST_F(Places, WhatIsNoVlanDeviceCarriesTheProgramItself) {
  shell("ip link add up0 type veth peer name up1");
  shell("ip link add link up0 name on0 type macvlan");
  shell("ip link add br0 type bridge; ip link set up1 master br0");
  for (const char* name : {"lo", "up0", "up1", "on0", "br0"}) {
    SCOPED_TRACE(name);
    const auto interface = find_interface(name);
    ASSERT_TRUE(interface && *interface);
    const auto place = find_place(**interface);
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->ifindex, (*interface)->index);
    EXPECT_EQ(place->device, name);
    EXPECT_FALSE(place->tagged());
    EXPECT_EQ(place->detour, "");
    const auto tagged = tagged_place(**interface);
    ASSERT_TRUE(tagged) << tagged.error().message;
    EXPECT_FALSE(tagged->has_value());
  }
}

} // namespace
} // namespace xvrrp::platform
