// SPDX-License-Identifier: BSD-2-Clause
// global_defs: which of its values an instance takes, and from where in the file.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config_testing.hpp"

namespace xvrrp::config {
namespace {

using namespace testing;

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(GlobalDefs, DefaultsAreCopiedWhereTheInstanceBegins) {
  const Outcome outcome =
      parse("global_defs {\n vrrp_garp_master_delay 9\n vrrp_down_timer_adverts 4\n}\n" + instance_with("") +
                "global_defs {\n vrrp_garp_master_repeat 2\n vrrp_garp_master_refresh 30\n"
                " vrrp_garp_master_refresh_repeat 3\n v3_checksum_as_v2\n}\n" +
                "vrrp_instance B {\n interface eth1\n virtual_router_id 1\n"
                " virtual_ipaddress { 10.0.0.2 }\n}\n",
            "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
  ASSERT_EQ(outcome.configuration.instances.size(), 2U);
  const Instance& before = outcome.configuration.instances[0];
  EXPECT_EQ(before.router.announce.second_burst_delay, seconds{9});
  EXPECT_EQ(before.router.announce.repeat, 5);
  EXPECT_EQ(before.router.announce.refresh_interval, seconds{0});
  EXPECT_EQ(before.router.down_adverts, 4);
  EXPECT_EQ(before.checksum_form, ChecksumForm::PseudoHeader);
  const Instance& after = outcome.configuration.instances[1];
  EXPECT_EQ(after.router.announce.second_burst_delay, seconds{9});
  EXPECT_EQ(after.router.announce.repeat, 2);
  EXPECT_EQ(after.router.announce.refresh_interval, seconds{30});
  EXPECT_EQ(after.router.announce.refresh_repeat, 3);
  EXPECT_EQ(after.router.down_adverts, 4);
  EXPECT_EQ(after.checksum_form, ChecksumForm::MessageOnly);
}

TEST(GlobalDefs, VersionAndAnswersAreLookedUpAtTheEnd) {
  const std::string globals = "global_defs {\n router_id box\n vrrp_version 3\n vrrp_lower_prio_no_advert\n"
                              " vrrp_higher_prio_send_advert\n}\n";
  for (const std::string& text :
       {globals + instance_with("advert_int 0.5"), instance_with("advert_int 0.5") + globals}) {
    const Outcome outcome = parse(text, "f");
    EXPECT_EQ(texts(outcome), std::vector<std::string>{});
    EXPECT_EQ(outcome.configuration.router_id, "box");
    ASSERT_EQ(outcome.configuration.instances.size(), 1U);
    const core::RouterConfig& router = outcome.configuration.instances.front().router;
    EXPECT_EQ(router.version, core::Version::V3);
    EXPECT_EQ(router.advertisement_interval, milliseconds{500});
    EXPECT_FALSE(router.answer_lower_priority);
    EXPECT_TRUE(router.advertise_when_yielding);
  }
}

TEST(GlobalDefs, TheStartupDelayIsThatOfEveryInstance) {
  const std::string second = "vrrp_instance B {\n interface eth1\n virtual_router_id 1\n"
                             " virtual_ipaddress { fe80::1 }\n}\n";
  const Outcome outcome =
      parse(instance_with("") + "global_defs {\n vrrp_startup_delay 2.5\n}\n" + second, "f");
  EXPECT_EQ(texts(outcome), std::vector<std::string>{});
  ASSERT_EQ(outcome.configuration.instances.size(), 2U);
  for (const Instance& instance : outcome.configuration.instances)
    EXPECT_EQ(instance.router.startup_delay, milliseconds{2500}) << instance.name;
}

TEST(GlobalDefs, DynamicInterfacesTakesNothingOrOneWord) {
  const auto read = [](const std::string& line) {
    return parse("global_defs {\n " + line + "\n}\n" + instance_with(""), "f");
  };
  EXPECT_FALSE(read("router_id me").configuration.dynamic_interfaces);
  for (const char* line : {"dynamic_interfaces", "dynamic_interfaces allow_if_changes"}) {
    EXPECT_TRUE(read(line).diagnostics.empty()) << line;
    EXPECT_TRUE(read(line).configuration.dynamic_interfaces) << line;
  }
  const auto wrong = read("dynamic_interfaces on");
  ASSERT_EQ(wrong.diagnostics.size(), 1u);
  EXPECT_EQ(wrong.diagnostics[0].text(),
            "f:2:21: error: dynamic_interfaces takes nothing or allow_if_changes, not \"on\"");
}

TEST(GlobalDefs, CpuAffinityIsAListOfProcessors) {
  const auto read = [](const std::string& line) {
    return parse("global_defs {\n " + line + "\n}\n" + instance_with(""), "f");
  };
  EXPECT_TRUE(read("router_id me").configuration.processors.empty());
  EXPECT_EQ(read("vrrp_cpu_affinity 1 0 1023").configuration.processors,
            (std::vector<std::uint32_t>{1, 0, 1023}));
  EXPECT_EQ(
      texts(read("vrrp_cpu_affinity")),
      std::vector<std::string>{"f:2:2: error: vrrp_cpu_affinity needs one processor or more: 0, 1, ..."});
  EXPECT_EQ(texts(read("vrrp_cpu_affinity 0 1024")),
            std::vector<std::string>{
                "f:2:22: error: vrrp_cpu_affinity 1024 is out of range: allowed are 0 to 1023"});
}

TEST(GlobalDefs, OwnersIgnoreAdvertsUnlessTheInstanceSaysOtherwise) {
  const auto ignores = [](const std::string& global, const std::string& lines) {
    const Outcome outcome =
        parse(instance_with(lines) + "global_defs {\n vrrp_owner_ignore_adverts " + global + "\n}\n", "f");
    EXPECT_EQ(texts(outcome), std::vector<std::string>{}) << lines;
    return outcome.configuration.instances.front().router.owner_ignores_adverts;
  };
  EXPECT_TRUE(ignores("", "priority 255"));
  EXPECT_TRUE(ignores("yes", "state MASTER\npriority 255"));
  EXPECT_FALSE(ignores("off", "priority 255"));
  EXPECT_FALSE(ignores("on", "priority 255\nowner_ignore_adverts no"));
  EXPECT_TRUE(ignores("off", "priority 255\nowner_ignore_adverts"));
  EXPECT_FALSE(ignores("on", "priority 254")) << "only an owner";
}

TEST(GlobalDefs, TheInstanceWins) {
  const Instance instance = only_instance("global_defs {\n vrrp_version 3\n vrrp_lower_prio_no_advert\n"
                                          " v3_checksum_as_v2\n vrrp_down_timer_adverts 9\n}\n" +
                                          instance_with("version 2\nlower_prio_no_advert off\n"
                                                        "v3_checksum_as_v2 off\ndown_timer_adverts 2"));
  EXPECT_EQ(instance.router.version, core::Version::V2);
  EXPECT_TRUE(instance.router.answer_lower_priority);
  EXPECT_EQ(instance.checksum_form, ChecksumForm::PseudoHeader);
  EXPECT_EQ(instance.router.down_adverts, 2);
}

TEST(GlobalDefs, MinGarpLeavesWhatIsGiven) {
  const auto announce = [](const std::string& lines) {
    return parse("global_defs {\n" + lines + "\n}\n" + instance_with(""), "f")
        .configuration.instances.front()
        .router.announce;
  };
  EXPECT_EQ(announce("vrrp_min_garp"), (core::AnnounceSchedule{1, seconds{0}, seconds{0}, 1, 1, seconds{0}}));
  EXPECT_EQ(announce("vrrp_min_garp\nvrrp_garp_master_repeat 5"),
            (core::AnnounceSchedule{5, seconds{0}, seconds{0}, 1, 5, seconds{0}}));
  EXPECT_EQ(announce("vrrp_garp_master_delay 10\nvrrp_min_garp"),
            (core::AnnounceSchedule{1, seconds{10}, seconds{0}, 1, 1, seconds{10}}));
  EXPECT_EQ(announce("vrrp_min_garp off"), announce(""));
}

TEST(GlobalDefs, AboutTheDaemon) {
  const auto umask = [](const std::string& value) {
    return parse("global_defs {\n umask " + value + "\n}\n", "f").configuration.umask;
  };
  EXPECT_EQ(umask("022"), 022U);
  EXPECT_EQ(umask("0x1ff"), 0777U);
  EXPECT_EQ(umask("IWGRP|IWOTH"), 022U);
  for (const std::string wrong : {"01000", "8x", "IWGRP|", "rwx"})
    EXPECT_EQ(umask(wrong), std::nullopt) << wrong;
  EXPECT_EQ(parse("instance left\n", "f").configuration.instance, "left");
  EXPECT_FALSE(parse("instance .left\n", "f").ok());
}

TEST(GlobalDefs, TheLaterOfBothDelays) {
  const auto delay = [](const std::string& lines) {
    return parse(instance_with("") + "global_defs {\n" + lines + "\n}\n", "f")
        .configuration.instances.front()
        .router.startup_delay;
  };
  EXPECT_EQ(delay("vrrp_startup_delay 7\nvrrp_delay_after_boot 0"), seconds{7});
  EXPECT_GT(delay("vrrp_startup_delay 7\nvrrp_delay_after_boot 4294"), seconds{0});
}

TEST(GlobalDefs, ASeedMakesTheSameNumbers) {
  const auto name = [](const std::string& lines) {
    return parse("global_defs {\n" + lines + " router_id ${_RANDOM}\n}\n", "f").configuration.router_id;
  };
  EXPECT_EQ(name("random_seed 5\n"), name("random_seed 5\n"));
  EXPECT_NE(name("random_seed 5\n"), name("random_seed 6\n"));
  EXPECT_EQ(texts(parse("global_defs {\n random_seed x\n}\n", "f")).size(), 1U);
}

TEST(GlobalDefs, IncludeCheckMakesIncludesInsist) {
  const auto said = [](const std::string& checks) {
    return texts(parse("global_defs {\n include_check " + checks + "\n}\ninclude /nowhere/a\n", "f"));
  };
  const std::string missing = "no file matches \"/nowhere/a\"";
  EXPECT_EQ(said("match"), std::vector<std::string>{"f:4:9: error: " + missing});
  EXPECT_EQ(said(""), std::vector<std::string>{"f:4:9: error: " + missing});
  EXPECT_EQ(said("readable"), std::vector<std::string>{"f:4:9: warning: " + missing});
  EXPECT_EQ(said("match -match"), std::vector<std::string>{"f:4:9: warning: " + missing});
  EXPECT_EQ(said("wildcard_match +match"), std::vector<std::string>{"f:4:9: error: " + missing});
  EXPECT_EQ(said("mach").size(), 2U);
}

} // namespace
} // namespace xvrrp::config
