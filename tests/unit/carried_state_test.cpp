// SPDX-License-Identifier: BSD-2-Clause
// What a daemon writes down for its successor, and what that makes of anything else.
#include <gtest/gtest.h>

#include "controller/carried_state.hpp"

namespace xvrrp::controller {
namespace {

const std::string kBoot = "5e9b2f9c-0000-4000-8000-000000000001";

CarriedState example() {
  CarriedState state;
  CarriedState::Router first;
  first.interface = "eth0";
  first.family = Family::IPv4;
  first.vrid = 7;
  first.wished_priority = 50;
  first.told = core::State::Master;
  first.transitions = 12;
  PastTransition past{};
  past.transition.from = core::State::Backup;
  past.transition.to = core::State::Master;
  past.transition.reason = core::Reason::MasterSilent;
  past.transition.at = instant_from_ns(5'000'000'000);
  past.transition.cause = {Cause::Kind::MasterDown,
                           {*IpAddress::parse("192.0.2.3"), 200, std::chrono::milliseconds{100}},
                           instant_from_ns(4'999'000'000),
                           std::chrono::milliseconds{360}};
  past.priority = 120;
  past.problem = "a \"quoted\" one";
  first.latest.push_back(past);
  CarriedState::Router second;
  second.interface = "eth1.5";
  second.family = Family::IPv6;
  second.vrid = 255;
  second.drained = true;
  state.routers = {first, second};
  state.groups = {{"VG", core::State::Fault}};
  state.tracking.scripts = {{"chk", {{"/bin/check", "an argument"}, true, 2}}};
  state.tracking.processes = {{"bird", false}};
  state.tracking.files = {"/run/number"};
  return state;
}

std::string replaced(std::string text, const std::string& before, const std::string& after) {
  const auto at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return at == std::string::npos ? text : text.replace(at, before.size(), after);
}

TEST(CarriedState, ComesBackAsItWas) {
  const auto text = example().text(kBoot);
  const auto read = CarriedState::read(text, kBoot);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->text(kBoot), text);
  ASSERT_EQ(read->routers.size(), 2u);
  const auto& first = read->routers[0];
  EXPECT_EQ(first.wished_priority, 50);
  EXPECT_FALSE(first.drained);
  EXPECT_EQ(first.told, core::State::Master);
  ASSERT_EQ(first.latest.size(), 1u);
  EXPECT_EQ(first.latest[0].transition.cause.advert.source.text(), "192.0.2.3");
  EXPECT_EQ(first.latest[0].problem, "a \"quoted\" one");
  const auto& second = read->routers[1];
  EXPECT_TRUE(second.drained);
  EXPECT_FALSE(second.wished_priority);
  EXPECT_FALSE(second.told);
  EXPECT_EQ(second.family, Family::IPv6);
  EXPECT_EQ(read->tracking.scripts.at("chk").against, 2u);
  EXPECT_EQ(read->tracking.processes.at("bird"), false);
}

TEST(CarriedState, OfAnotherVersionOrAnotherBootIsRefused) {
  const auto text = example().text(kBoot);
  const auto newer = CarriedState::read(replaced(text, "\"xvrrp_state\":1", "\"xvrrp_state\":2"), kBoot);
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("its version is 2"), std::string::npos) << newer.error().message;
  const auto older = CarriedState::read(text, "another");
  ASSERT_FALSE(older);
  EXPECT_NE(older.error().message.find("before the machine was started"), std::string::npos);
}

TEST(CarriedState, EveryBeginningOfOneIsRefused) {
  const auto text = example().text(kBoot);
  for (std::size_t length = 0; length + 1 < text.size(); ++length) // the last one is the newline
    EXPECT_FALSE(CarriedState::read(text.substr(0, length), kBoot)) << length;
}

TEST(CarriedState, WhatIsWrongInOneFieldIsRefused) {
  const auto text = example().text(kBoot);
  const std::pair<const char*, const char*> changes[] = {
      {"\"drained\":true", "\"drained\":1"},
      {"\"drained\":true,", ""},
      {"\"priority\":50", "\"priority\":0"},
      {"\"priority\":50", "\"priority\":255"},
      {"\"priority\":50", "\"priority\":-50"},
      {"\"priority\":50", "\"priority\":50.5"},
      {"\"vrid\":7", "\"vrid\":0"},
      {"\"vrid\":7", "\"vrid\":263"},
      {"\"family\":6", "\"family\":5"},
      {"\"told\":\"MASTER\"", "\"told\":\"MISTER\""},
      {"\"told\":\"MASTER\"", "\"told\":2"},
      {"\"transitions\":12", "\"transitions\":0"},
      {"\"cause\":2", "\"cause\":3"},
      {"\"source\":\"192.0.2.3\"", "\"source\":\"192.0.2\""},
      {"\"at\":5000000000", "\"at\":18446744073709551615"},
      {"\"latest\":[", "\"latest\":[[],"},
      {"\"VG\":\"FAULT\"", "\"VG\":null"},
      {"\"command\":[\"/bin/check\"", "\"command\":[5"},
      {"\"against\":2", "\"against\":4294967296"},
      {"\"bird\":false", "\"bird\":\"no\""},
      {"\"files\":[", "\"files\":[1,"},
      {"\"routers\":[", "\"routers\":[null,"},
      {"\"interface\":\"eth0\"", "\"interface\":{}"},
  };
  for (const auto& [before, after] : changes)
    EXPECT_FALSE(CarriedState::read(replaced(text, before, after), kBoot)) << before << " -> " << after;
}

/// What an xvrrpd to come adds is no harm, as long as it means the same by the rest.
TEST(CarriedState, AFieldMoreIsNotHeeded) {
  EXPECT_TRUE(
      CarriedState::read(replaced(example().text(kBoot), "\"vrid\":7", "\"vrid\":7,\"more\":1"), kBoot));
}

} // namespace
} // namespace xvrrp::controller
