// SPDX-License-Identifier: BSD-2-Clause
#include "cli/stats_view.hpp"

#include <fmt/format.h>

#include "cli/table.hpp"
#include "dataplane/reasons.hpp"

namespace xvrrp::cli {
namespace {

/// not_vrrp is never counted.
auto counted_reasons() {
  return dataplane::reasons().subspan(XV_not_vrrp + 1);
}

Json counters_json(const xv_stats& stats) {
  const auto counters = dataplane::counters_of(stats);
  Json object = Json::object();
  for (const auto& info : counted_reasons())
    object[info.name] = counters[info.reason];
  return object;
}

std::string block(const std::string& title, const xv_stats& stats, bool colours) {
  const auto counters = dataplane::counters_of(stats);
  std::string lines;
  for (const auto& info : counted_reasons()) {
    if (counters[info.reason] != 0)
      lines += fmt::format("{:>12}  {:<17} {}\n", counters[info.reason], info.name, info.description);
  }
  return styled(title, Style::Bold, colours) + "\n" + (lines.empty() ? "              nothing yet\n" : lines);
}

} // namespace

const char* family_name(Family family) {
  return family == Family::IPv4 ? "ipv4" : "ipv6";
}

Json stats_json(const StatsSample& sample) {
  Json interfaces = Json::array();
  for (const auto& interface : sample.interfaces)
    interfaces.push_back({{"interface", interface.interface}, {"counters", counters_json(interface.stats)}});
  Json routers = Json::array();
  for (const auto& router : sample.routers)
    routers.push_back({{"interface", router.interface},
                       {"vrid", router.vrid},
                       {"family", family_name(router.family)},
                       {"counters", counters_json(router.stats)}});
  return {{"schema", kSchema},
          {"instance", sample.instance},
          {"interfaces", interfaces},
          {"virtual_routers", routers}};
}

std::string stats_text(const StatsSample& sample, bool colours) {
  std::string text;
  for (const auto& interface : sample.interfaces)
    text += block(interface.interface + ": packets of no virtual router here", interface.stats, colours);
  for (const auto& router : sample.routers)
    text += block(fmt::format("{}: VRID {}, {}", router.interface, router.vrid,
                              router.family == Family::IPv4 ? "IPv4" : "IPv6"),
                  router.stats, colours);
  return text;
}

} // namespace xvrrp::cli
