// SPDX-License-Identifier: BSD-2-Clause
// The edges of the numbers that stand in an advert: what is taken, and what is said about the rest.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <xvrrp/abi/types.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

using std::chrono::milliseconds;
using std::chrono::seconds;

// RFC 9568 5.2.4; 255 says that the virtual addresses are this router's own.
TEST(Ranges, PrioritiesAre1To255) {
  for (const unsigned priority : {1U, 2U, 100U, 254U, 255U})
    EXPECT_EQ(only_instance(instance_with("priority " + std::to_string(priority))).router.priority, priority);
  expect_complaints(
      {in_instance("    priority 300", {"f:5:14: error: priority 300 is out of range: allowed are 1 to 255"}),
       in_instance("priority 256", {"f:5:10: error: priority 256 is out of range: allowed are 1 to 255"}),
       in_instance("priority 0", {"f:5:10: error: priority 0 is out of range: allowed are 1 to 255"}),
       in_instance("priority -5", {"f:5:10: error: priority -5 is out of range: allowed are 1 to 255"})});
}

// RFC 9568 6.1.
TEST(Ranges, VirtualRouterIdsAre1To255) {
  const auto with_vrid = [](const std::string& vrid) {
    return "vrrp_instance A {\n interface eth0\n virtual_router_id " + vrid +
           "\n virtual_ipaddress { 10.0.0.1 }\n}\n";
  };
  EXPECT_EQ(only_instance(with_vrid("1")).router.vrid, 1);
  EXPECT_EQ(only_instance(with_vrid("255")).router.vrid, 255);
  for (const std::string vrid : {"0", "256", "-1", "65537"})
    EXPECT_EQ(texts(parse(with_vrid(vrid), "f")),
              std::vector<std::string>{"f:3:20: error: virtual_router_id " + vrid +
                                       " is out of range: allowed are 1 to 255"});
}

// RFC 9568 5.2.7 with erratum 8301: 1 to 4095 centiseconds; below, whole milliseconds are xvrrp's own.
TEST(Ranges, Version3IntervalsAreACentisecondTo40Seconds95) {
  const auto interval = [](const std::string& value) {
    return only_instance(instance_with("version 3\nadvert_int " + value)).router.advertisement_interval;
  };
  EXPECT_EQ(interval("0.01"), milliseconds{10});
  EXPECT_EQ(interval("40.95"), milliseconds{40950});
  EXPECT_EQ(interval("0.001"), milliseconds{1});
  EXPECT_EQ(interval("0.009"), milliseconds{9});
  for (const std::string value : {"0", "0.0", "0.0009", "40.951", "40.96", "41", "256"}) {
    const std::vector<std::string> expected{"f:6:12: error: advert_int " + value +
                                            " is out of range: VRRP version 3 allows 0.001 to 40.95 seconds"};
    EXPECT_EQ(texts(parse(instance_with("version 3\nadvert_int " + value), "f")), expected);
    EXPECT_EQ(texts(parse(ipv6_instance_with("\nadvert_int " + value), "f")), expected);
  }
}

// RFC 3768 5.3.7: 8 bits of seconds.
TEST(Ranges, Version2IntervalsAreASecondTo255) {
  const auto interval = [](const std::string& value) {
    return only_instance(instance_with("advert_int " + value)).router.advertisement_interval;
  };
  EXPECT_EQ(interval("1"), seconds{1});
  EXPECT_EQ(interval("255"), seconds{255});
  for (const std::string value : {"0", "0.009", "255.1", "256", "99999999999"})
    EXPECT_EQ(texts(parse(instance_with("advert_int " + value), "f")),
              std::vector<std::string>{"f:5:12: error: advert_int " + value +
                                       " is out of range: VRRP version 2 allows 1 to 255 seconds"});
  EXPECT_EQ(only_instance(instance_with("advert_int 41")).router.advertisement_interval, seconds{41})
      << "too long for version 3 only";
}

TEST(Ranges, StartupDelay) {
  expect_complaints(
      {in_globals("vrrp_startup_delay 0", {}), in_globals("vrrp_startup_delay 4294", {}),
       in_globals(
           "vrrp_startup_delay 4294.1",
           {"f:2:20: error: vrrp_startup_delay 4294.1 is out of range: allowed are 0 to 4294 seconds"}),
       in_globals("vrrp_startup_delay -1",
                  {"f:2:20: error: vrrp_startup_delay \"-1\" is not a number of seconds"}),
       in_globals("vrrp_startup_delay", {"f:2:1: error: vrrp_startup_delay needs a number of seconds"})});
}

/// `count` instances of seven lines, each with an address of its own, and `device` behind it.
std::string instances_of(unsigned count, bool own_interface = false, const std::string& device = "") {
  std::string text;
  for (unsigned number = 0; number < count; ++number) {
    const unsigned interface = own_interface ? number : number / 255;
    text += "vrrp_instance I" + std::to_string(number) + " {\ninterface e" + std::to_string(interface) +
            "\nvirtual_router_id " + std::to_string(number % 255 + 1) + "\nvirtual_ipaddress {\n10.0." +
            std::to_string(number / 250) + "." + std::to_string(number % 250 + 1) + device + "\n}\n}\n";
  }
  return text;
}

std::string lines_of(unsigned count, unsigned network) {
  std::string text;
  for (unsigned number = 0; number < count; ++number)
    text += "10." + std::to_string(network) + "." + std::to_string(number / 250) + "." +
            std::to_string(number % 250 + 1) + "\n";
  return text;
}

std::string room_error(const std::string& place, unsigned most, const std::string& what) {
  return "f:" + place + ": error: the data plane has room for " + std::to_string(most) + " " + what +
         ": this is one more";
}

/// What is wrong in `text`, but for warnings.
std::vector<std::string> errors_of(const std::string& text) {
  std::vector<std::string> errors;
  for (const auto& diagnostic : parse(text, "f").diagnostics) {
    if (diagnostic.severity == Severity::Error)
      errors.push_back(diagnostic.text());
  }
  return errors;
}

// abi/types.h: each limit, exactly full and one too many, at the line that is one too many.
TEST(Ranges, RoutersHaveRoomInTheDataPlane) {
  EXPECT_EQ(errors_of(instances_of(XV_MAX_VRS)), std::vector<std::string>{});
  EXPECT_EQ(errors_of(instances_of(XV_MAX_VRS + 2)),
            std::vector<std::string>{
                room_error(std::to_string(XV_MAX_VRS * 7 + 1) + ":1", XV_MAX_VRS, "virtual routers")});
}

TEST(Ranges, InterfacesHaveRoomInTheDataPlane) {
  // Also one on which only an address is.
  EXPECT_EQ(errors_of(instances_of(XV_MAX_INTERFACES - 1, true, " dev other")), std::vector<std::string>{});
  EXPECT_EQ(errors_of(instances_of(XV_MAX_INTERFACES + 1, true, " dev other")),
            std::vector<std::string>{room_error(std::to_string((XV_MAX_INTERFACES - 1) * 7 + 1) + ":1",
                                                XV_MAX_INTERFACES, "interfaces")});
}

TEST(Ranges, AddressesHaveRoomInTheDataPlane) {
  // Those of adverts and those that are not in them; one that two routers have takes one place.
  const auto with = [](unsigned excluded) {
    return "vrrp_instance A {\ninterface e0\nvirtual_router_id 2\nvirtual_ipaddress {\n10.0.0.1\n}\n"
           "virtual_ipaddress_excluded {\n" +
           lines_of(excluded, 1) + "}\n}\n" + instances_of(1);
  };
  EXPECT_EQ(errors_of(with(XV_MAX_VIPS - 1)), std::vector<std::string>{});
  EXPECT_EQ(errors_of(with(XV_MAX_VIPS + 1)),
            std::vector<std::string>{
                room_error(std::to_string(7 + XV_MAX_VIPS) + ":1", XV_MAX_VIPS, "virtual addresses")});
}

TEST(Ranges, PeersHaveRoomInTheDataPlane) {
  const auto with = [](unsigned peers) {
    return "vrrp_instance A {\ninterface e0\nvirtual_router_id 2\nvirtual_ipaddress {\n10.9.9.9\n}\n"
           "unicast_peer {\n10.200.0.1\n}\n}\n" // on lines 1 to 10
           "vrrp_instance B {\ninterface e0\nvirtual_router_id 3\nvirtual_ipaddress {\n10.9.9.8\n}\n"
           "unicast_peer {\n" +
           lines_of(peers, 100) + "}\n}\n";
  };
  EXPECT_EQ(errors_of(with(XV_MAX_PEERS - 1)), std::vector<std::string>{});
  EXPECT_EQ(errors_of(with(XV_MAX_PEERS)),
            std::vector<std::string>{room_error("11:1", XV_MAX_PEERS, "unicast peers")});
}

} // namespace
} // namespace xvrrp::config
