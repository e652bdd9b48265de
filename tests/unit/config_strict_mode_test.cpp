// SPDX-License-Identifier: BSD-2-Clause
// vrrp_strict and strict_mode.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

const std::string kSilent =
    "f:1:1: warning: strict mode makes vrrp_instance \"A\" no_accept: its addresses answer "
    "no ping and carry no service (without vrrp_strict they do";

std::string ignored(const std::string& place, const std::string& keyword, const std::string& why) {
  return "f:" + place + ": warning: " + keyword + " is ignored in strict mode: " + why;
}

TEST(StrictMode, SetsBackWhatTheRfcDoesNotHave) {
  const Outcome outcome = parse(
      instance_with("strict_mode\nstate MASTER\npriority 9\npreempt_delay 5\n"
                    "down_timer_adverts 5\nhigher_prio_send_advert\n"
                    "lower_prio_no_advert off\ngarp_lower_prio_repeat 2\nauthentication {\n auth_type PASS\n"
                    " auth_pass x\n}\naccept\nuse_vmac 02:00:00:00:00:01\n"
                    "vmac_xmit_base"),
      "f");
  EXPECT_EQ(texts(outcome),
            (std::vector<std::string>{
                ignored("6:1", "state", "only priority 255 begins as Master"),
                ignored("8:1", "preempt_delay", "a Backup preempts at once or not at all"),
                ignored("9:1", "down_timer_adverts", "3 adverts are what the RFC waits for"),
                ignored("10:1", "higher_prio_send_advert", "a Master that yields is silent"),
                ignored("11:1", "lower_prio_no_advert", "an advert of a lower priority is not answered"),
                ignored("12:1", "garp_lower_prio_repeat", "an advert of a lower priority is not answered"),
                ignored("13:1", "authentication", "RFC 3768 withdrew it, and adverts carry none"),
                ignored("17:1", "accept",
                        "in version 2 only the address owner accepts what is sent to the virtual addresses"),
                ignored("18:10", "this MAC address", "adverts carry the RFC's"),
                ignored("19:1", "vmac_xmit_base", "adverts carry the virtual MAC")}));
  const Instance& instance = outcome.configuration.instances.front();
  EXPECT_FALSE(instance.wants_master || instance.accept || instance.router.advertise_when_yielding ||
               instance.router.answer_lower_priority || instance.virtual_mac->adverts_from_device ||
               instance.virtual_mac->mac);
  EXPECT_EQ(instance.router.preempt_delay, Nanoseconds{0});
  EXPECT_EQ(instance.router.announce.contested_repeat, 0);
  EXPECT_EQ(instance.router.down_adverts, 3);
  EXPECT_EQ(instance.authentication, Authentication{});
}

TEST(StrictMode, SaysThatTheAddressesDoNotAnswer) {
  const auto said = [](const std::string& lines, const std::string& global) {
    return texts(parse(instance_with(lines) + "global_defs {\n vrrp_strict " + global + "\n}\n", "f"));
  };
  EXPECT_EQ(said("", "on"), std::vector<std::string>{kSilent + ")"});
  EXPECT_EQ(said("version 3", ""), std::vector<std::string>{kSilent + ", or with accept)"});
  EXPECT_EQ(said("", "off"), std::vector<std::string>{});
  EXPECT_EQ(said("strict_mode off", "on"), std::vector<std::string>{});
  EXPECT_EQ(said("no_accept", "on"), std::vector<std::string>{});
  EXPECT_EQ(said("version 3\naccept", "on"), std::vector<std::string>{});
  EXPECT_EQ(said("priority 255", "on"), std::vector<std::string>{}) << "the owner accepts";
}

TEST(StrictMode, AnOwnerHeedsNoAdvert) {
  const Instance instance = only_instance(instance_with("strict_mode\npriority 255"));
  EXPECT_TRUE(instance.router.owner_ignores_adverts && instance.accept && instance.wants_master);
  EXPECT_FALSE(only_instance(instance_with("strict_mode")).router.owner_ignores_adverts);
}

TEST(StrictMode, HasNoUnicast) {
  const Outcome outcome = parse(instance_with("strict_mode\nno_accept\nunicast_peer {\n 10.0.0.9\n}"), "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{
                                "f:7:1: error: strict mode has no unicast_peer: adverts go to the multicast "
                                "group (remove it, or add strict_mode off)"});
}

} // namespace
} // namespace xvrrp::config
