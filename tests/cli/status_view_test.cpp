// SPDX-License-Identifier: BSD-2-Clause
#include "cli/status_view.hpp"

#include <gtest/gtest.h>

namespace xvrrp::cli {
namespace {

Json answer() {
  return Json::parse(R"({
    "schema": 1,
    "daemon": {"instance": "default", "pid": 123, "version": "0.1.0", "realtime": true, "config": "/etc/x.conf"},
    "instances": [{
      "name": "VI_1", "interface": "enp0s4", "vrid": 150, "family": "ipv4", "version": 2, "state": "MASTER",
      "since_s": 12.3, "reason": "master-silent", "reason_text": "the Master fell silent", "problem": "enp0s4 is odd",
      "priority": 100, "effective_priority": 90, "master": {"address": "192.168.1.12", "priority": 90},
      "timers": {"advertisement_interval_ms": 1000, "master_adver_interval_ms": 1000, "skew_time_ms": 609.375,
                 "master_down_interval_ms": 3609.375},
      "addresses": ["192.168.1.13/24", "192.168.1.14/24"], "peers": ["192.168.1.11"],
      "xdp": {"mode": "skb", "fallback": "Operation not supported"},
      "counters": {"adverts_sent": 3, "became_master": 1}}]})");
}

TEST(StatusView, SaysEverything) {
  EXPECT_EQ(status_text(answer(), false),
            "xvrrpd 0.1.0, instance \"default\", pid 123, /etc/x.conf\n"
            "\n"
            "VI_1: MASTER for 12.3 s, the Master fell silent\n"
            "  problem     enp0s4 is odd\n"
            "  router      VRID 150, VRRPv2 IPv4 on enp0s4\n"
            "  priority    90 (configured 100)\n"
            "  master      192.168.1.12, priority 90\n"
            "  timers      Advertisement_Interval 1 s, Master_Adver_Interval 1 s, Skew_Time 609.375 ms, "
            "Master_Down_Interval 3.609 s\n"
            "  addresses   192.168.1.13/24, 192.168.1.14/24\n"
            "  peers       192.168.1.11\n"
            "  xdp         skb (native was refused: Operation not supported)\n"
            "  counters    adverts_sent 3, became_master 1\n");
}

TEST(StatusView, ColoursTheState) {
  Json json = answer();
  EXPECT_NE(status_text(json, true).find("VI_1: \033[32mMASTER\033[0m for"), std::string::npos);
  json["instances"][0]["state"] = "FAULT";
  EXPECT_NE(status_text(json, true).find("\033[1;31mFAULT\033[0m"), std::string::npos);
}

TEST(StatusView, LeavesOutWhatDoesNotApply) {
  Json json = answer();
  auto& router = json["instances"][0];
  router["master"] = nullptr;
  router["peers"] = Json::array();
  router["problem"] = "";
  router["effective_priority"] = 100;
  router["xdp"]["fallback"] = "";
  const std::string text = status_text(json, false);
  EXPECT_NE(text.find("  master      not known\n"), std::string::npos);
  EXPECT_EQ(text.find("peers"), std::string::npos);
  EXPECT_EQ(text.find("problem"), std::string::npos);
  EXPECT_NE(text.find("  priority    100\n"), std::string::npos);
  EXPECT_NE(text.find("  xdp         skb\n"), std::string::npos);
}

TEST(StatusView, WarnsOfAMissingRealTimePriority) {
  Json json = answer();
  json["daemon"]["realtime"] = false;
  json["daemon"]["realtime_warning"] = "real-time priority 50: Operation not permitted";
  EXPECT_NE(status_text(json, false)
                .find("a busy machine may delay elections: real-time priority 50: Operation not permitted\n"),
            std::string::npos);
}

TEST(StatusView, SurvivesWhateverTheAnswerIs) {
  for (const char* text : {"null", "[]", "3", R"({"instances":[1,null,{}],"daemon":[]})",
                           R"({"instances":{"a":{"vrid":"x","addresses":3,"counters":[1],"timers":"y"}}})"})
    EXPECT_FALSE(status_text(Json::parse(text), true).empty()) << text;
}

} // namespace
} // namespace xvrrp::cli
