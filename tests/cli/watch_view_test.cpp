// SPDX-License-Identifier: BSD-2-Clause
#include "cli/watch_view.hpp"

#include <gtest/gtest.h>

namespace xvrrp::cli {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{100s};

/// A v3 Master with adverts every 10 ms, last heard `silence` ago.
WatchSample sample(Nanoseconds silence) {
  HeardRouter router;
  router.key = {7, 0, 0, 4, 51, {}};
  router.interface = "eth0";
  router.hearing.last_ns = to_ns(kNow - silence);
  router.hearing.adverts = 1000;
  router.hearing.gap_ns = 10'013'000;
  router.hearing.gap_max_ns = 12'000'000;
  router.hearing.jitter_ns = 13'700;
  router.hearing.master[0] = 10;
  router.hearing.master[3] = 2;
  router.hearing.changes = 3;
  router.hearing.interval_wire = 1;
  router.hearing.version = 3;
  router.hearing.priority = 200;
  router.configured = true;
  return {"default", "eth0", kNow, {router}};
}

TEST(WatchView, Json) {
  EXPECT_EQ(
      watch_json(sample(5ms)).dump(),
      R"({"schema":1,"instance":"default","interface":"eth0","virtual_routers":[{"vrid":51,"family":"ipv4",)"
      R"("interface":"eth0","vlan":0,"inner_vlan":0,"version":3,"master":"10.0.0.2","priority":200,"interval_ms":10,"adverts":1000,)"
      R"("gap_ms":10.013,"gap_max_ms":12.0,"jitter_ms":0.0137,"silence_ms":5.0,"changes":3,)"
      R"("configured":true}]})");
}

TEST(WatchView, MarksSilenceFromThreeIntervalsOn) {
  EXPECT_EQ(watch_text(sample(30ms), false).find('!'), std::string::npos);
  EXPECT_NE(watch_text(sample(31ms), false).find("! 31 ms"), std::string::npos);
  EXPECT_NE(watch_text(sample(31ms), false).find("! silent for more than 3 intervals\n"), std::string::npos);
  EXPECT_NE(watch_text(sample(31ms), true).find("\033[1;31m! 31 ms\033[0m"), std::string::npos);
}

TEST(WatchView, AnAdvertThatCameMeanwhileIsNoNegativeSilence) {
  EXPECT_EQ(watch_json(sample(-1ms))["virtual_routers"][0]["silence_ms"], 0.0);
}

TEST(WatchView, ColumnsLineUp) {
  EXPECT_EQ(watch_text(sample(5ms), false),
            "VRID  VRRP     MASTER    PRIORITY  INTERVAL  ADVERTS   LAST GAP  LONGEST    JITTER  SILENCE  "
            "CHANGES  CONFIGURED\n"
            "51    v3 IPv4  10.0.0.2       200     10 ms     1000  10.013 ms    12 ms  0.014 ms     5 ms  "
            "      3  yes\n");
}

TEST(WatchView, OneAdvertHasNoGap) {
  WatchSample one = sample(5ms);
  one.routers[0].hearing.gap_ns = one.routers[0].hearing.gap_max_ns = one.routers[0].hearing.jitter_ns = 0;
  EXPECT_NE(watch_text(one, false).find("     -"), std::string::npos);
}

TEST(WatchView, RoutersOfVlansSayTheirInterface) {
  WatchSample tagged = sample(5ms);
  tagged.routers[0].interface = "eth0.10";
  tagged.routers[0].key.vlan = 10;
  tagged.routers[0].key.inner_vlan = 20;
  EXPECT_NE(watch_text(tagged, false).find("51 on eth0.10  v3"), std::string::npos);
  const auto json = watch_json(tagged)["virtual_routers"][0];
  EXPECT_EQ(json["interface"], "eth0.10");
  EXPECT_EQ(json["vlan"], 10);
  EXPECT_EQ(json["inner_vlan"], 20);
  tagged.interface = "eth0.10";
  EXPECT_EQ(watch_text(tagged, false).find(" on "), std::string::npos) << "nothing else is watched";
}

TEST(WatchView, VersionTwoCountsSeconds) {
  WatchSample v2 = sample(5ms);
  v2.routers[0].hearing.version = 2;
  EXPECT_EQ(watch_json(v2)["virtual_routers"][0]["interval_ms"], 1000);
}

} // namespace
} // namespace xvrrp::cli
