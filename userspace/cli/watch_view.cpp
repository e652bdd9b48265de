// SPDX-License-Identifier: BSD-2-Clause
#include "cli/watch_view.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/durations.hpp"
#include "cli/stats_view.hpp"
#include "cli/table.hpp"

namespace xvrrp::cli {
namespace {

Nanoseconds duration(__u64 ns) {
  return Nanoseconds{static_cast<Nanoseconds::rep>(ns)};
}

/// Whole milliseconds by nature, so without a fraction.
std::int64_t interval_ms(const HeardRouter& router) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(router.interval()).count();
}

Json router_json(const HeardRouter& router, Instant now) {
  const auto& hearing = router.hearing;
  return {{"vrid", router.key.vrid},
          {"family", family_name(router.family())},
          {"interface", router.interface},
          {"vlan", router.key.vlan},
          {"inner_vlan", router.key.inner_vlan},
          {"version", hearing.version},
          {"master", router.master().text()},
          {"priority", hearing.priority},
          {"interval_ms", interval_ms(router)},
          {"adverts", hearing.adverts},
          {"gap_ms", to_ms(duration(hearing.gap_ns))},
          {"gap_max_ms", to_ms(duration(hearing.gap_max_ns))},
          {"jitter_ms", to_ms(duration(hearing.jitter_ns))},
          {"silence_ms", to_ms(router.silence(now))},
          {"changes", hearing.changes},
          {"configured", router.configured}};
}

std::string vrid_text(const HeardRouter& router, const std::string& watched) {
  const auto vrid = std::to_string(router.key.vrid);
  return router.interface == watched ? vrid : vrid + " on " + router.interface;
}

/// A gap needs two adverts of one Master.
std::string gap_text(const HeardRouter& router, __u64 ns) {
  return router.hearing.gap_max_ns == 0 ? "-" : duration_text(duration(ns));
}

std::vector<Cell> row(const HeardRouter& router, const std::string& watched, Instant now) {
  const auto& hearing = router.hearing;
  const bool silent = router.is_silent(now);
  return {{vrid_text(router, watched)},
          {fmt::format("v{} {}", hearing.version, router.family() == Family::IPv4 ? "IPv4" : "IPv6")},
          {router.master().text()},
          {std::to_string(hearing.priority)},
          {duration_text(router.interval())},
          {std::to_string(hearing.adverts)},
          {gap_text(router, hearing.gap_ns)},
          {gap_text(router, hearing.gap_max_ns)},
          {gap_text(router, hearing.jitter_ns)},
          {(silent ? "! " : "") + duration_text(router.silence(now)), silent ? Style::Bad : Style::Plain},
          {std::to_string(hearing.changes)},
          {router.configured ? "yes" : "no"}};
}

} // namespace

Json watch_json(const WatchSample& sample) {
  Json routers = Json::array();
  for (const auto& router : sample.routers)
    routers.push_back(router_json(router, sample.now));
  return {{"schema", kSchema},
          {"instance", sample.instance},
          {"interface", sample.interface},
          {"virtual_routers", routers}};
}

std::string watch_text(const WatchSample& sample, bool colours) {
  if (sample.routers.empty())
    return sample.interface + ": no advert heard yet\n";
  constexpr auto kRight = Column::Align::Right;
  Table table{{{"VRID"},
               {"VRRP"},
               {"MASTER"},
               {"PRIORITY", kRight},
               {"INTERVAL", kRight},
               {"ADVERTS", kRight},
               {"LAST GAP", kRight},
               {"LONGEST", kRight},
               {"JITTER", kRight},
               {"SILENCE", kRight},
               {"CHANGES", kRight},
               {"CONFIGURED"}}};
  for (const auto& router : sample.routers)
    table.add(row(router, sample.interface, sample.now));
  std::string text = table.text(colours);
  if (std::any_of(sample.routers.begin(), sample.routers.end(),
                  [&](const HeardRouter& router) { return router.is_silent(sample.now); }))
    text += "! silent for more than 3 intervals\n";
  return text;
}

} // namespace xvrrp::cli
