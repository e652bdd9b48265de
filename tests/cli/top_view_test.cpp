// SPDX-License-Identifier: BSD-2-Clause
#include "cli/top_view.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;

Json router(const char* name, const char* state, int sent) {
  return {
      {"name", name},
      {"interface", "eth0"},
      {"vrid", 7},
      {"family", "ipv4"},
      {"state", state},
      {"since_s", 3.0},
      {"effective_priority", 100},
      {"master", {{"address", "10.0.0.2"}, {"priority", 100}}},
      {"counters",
       {{"adverts_sent", sent}, {"adverts_received", 2 * sent}, {"bad_packets", 0}, {"became_master", 1}}}};
}

TopSample sample(Instant at, Json routers) {
  return {at, {{"daemon", {{"instance", "default"}, {"pid", 42}}}, {"instances", std::move(routers)}}};
}

TEST(TopView, TroubleStandsFirstAndRatesAreOfTheTimeBetween) {
  const auto before = sample(Instant{10s}, {router("B", "BACKUP", 0), router("M", "MASTER", 100)});
  const auto now =
      sample(Instant{12s}, {router("B", "BACKUP", 0), router("M", "MASTER", 300), router("F", "FAULT", 5)});
  EXPECT_EQ(
      top_text(before, now, 0, false),
      "instance \"default\", pid 42: 1 BACKUP, 1 FAULT, 1 MASTER, 100 adverts/s sent, 200 heard, 0 bad\n"
      "NAME  INTERFACE  VRID  FAMILY  STATE   FOR  PRIORITY  MASTER    SENT/S  HEARD/S  BAD/S  BECAME "
      "MASTER\n"
      "F     eth0          7  IPv4    FAULT   3 s       100  10.0.0.2       -        -      -              "
      "1\n"
      "M     eth0          7  IPv4    MASTER  3 s       100  10.0.0.2   100.0    200.0    0.0              "
      "1\n"
      "B     eth0          7  IPv4    BACKUP  3 s       100  10.0.0.2     0.0      0.0    0.0              "
      "1\n");
}

TEST(TopView, WhatDoesNotFitIsCounted) {
  const auto now =
      sample(Instant{1s}, {router("A", "BACKUP", 0), router("B", "BACKUP", 0), router("C", "BACKUP", 0)});
  const auto text = top_text(std::nullopt, now, 4, false);
  EXPECT_NE(text.find("and 2 more\n"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
}

TEST(TopView, CountersThatBeganAnewHaveNoRate) {
  const auto json = top_json(sample(Instant{1s}, {router("A", "MASTER", 9)}),
                             sample(Instant{2s}, {router("A", "MASTER", 3)}));
  EXPECT_TRUE(json["virtual_routers"][0]["sent_per_s"].is_null());
  EXPECT_EQ(json["virtual_routers"][0]["bad_per_s"], 0.0);
}

} // namespace
} // namespace xvrrp::cli
