// SPDX-License-Identifier: BSD-2-Clause
#include "cli/stats_view.hpp"

#include <fmt/format.h>

#include <xvrrp/base/printable.hpp>

#include "cli/table.hpp"
#include "dataplane/reasons.hpp"
#include "dataplane/rfc6527.hpp"

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

using Scope = dataplane::MibCounter::Scope;

/// What no virtual router counts alone: the sum over everything.
Json host_mib(const StatsSample& sample) {
  Json object = Json::object();
  for (const auto& counter : dataplane::mib_counters()) {
    if (counter.scope != Scope::Host)
      continue;
    std::uint64_t sum = 0;
    for (const auto& interface : sample.interfaces)
      sum += dataplane::value_of(counter, interface.stats);
    for (const auto& router : sample.routers)
      sum += dataplane::value_of(counter, router.stats);
    object[counter.name] = sum;
  }
  return object;
}

Json router_mib(const RouterCounters& router) {
  Json object = Json::object();
  for (const auto& counter : dataplane::mib_counters()) {
    if (counter.scope == Scope::Router)
      object[counter.name] = dataplane::value_of(counter, router.stats);
  }
  if (router.daemon) {
    object["vrrpv3StatisticsMasterTransitions"] = router.daemon->became_master;
    object["vrrpv3StatisticsNewMasterReason"] = router.daemon->new_master_reason;
    object["vrrpv3StatisticsSentPriZeroPackets"] = router.daemon->priority_zero_sent;
  }
  return object;
}

Json daemon_json(const RouterCounters& router) {
  if (!router.daemon)
    return nullptr;
  return {{"adverts_sent", router.daemon->adverts_sent},
          {"priority_zero_sent", router.daemon->priority_zero_sent},
          {"became_master", router.daemon->became_master},
          {"new_master_reason", router.daemon->new_master_reason}};
}

std::string title_of(const RouterCounters& router) {
  return fmt::format("{}: VRID {}, {}", router.interface, router.vrid,
                     router.family == Family::IPv4 ? "IPv4" : "IPv6");
}

std::string mib_block(const std::string& title, const Json& mib, bool colours) {
  std::string text = styled(title, Style::Bold, colours) + "\n";
  for (const auto& [name, value] : mib.items())
    text +=
        fmt::format("{:>20}  {}\n",
                    value.is_string() ? printable(value.get_ref<const std::string&>()) : value.dump(), name);
  return text;
}

std::string daemon_lines(const RouterCounters& router) {
  if (!router.daemon)
    return "";
  return fmt::format("{:>12}  adverts sent, {} of them priority 0; became Master {} times\n",
                     router.daemon->adverts_sent, router.daemon->priority_zero_sent,
                     router.daemon->became_master);
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
                       {"vlan", router.vlan},
                       {"inner_vlan", router.inner_vlan},
                       {"counters", counters_json(router.stats)},
                       {"daemon", daemon_json(router)},
                       {"rfc6527", router_mib(router)}});
  return {{"schema", kSchema},
          {"instance", sample.instance},
          {"rfc6527", host_mib(sample)},
          {"interfaces", interfaces},
          {"virtual_routers", routers}};
}

std::string stats_text(const StatsSample& sample, bool colours) {
  std::string text;
  for (const auto& interface : sample.interfaces)
    text += block(interface.interface + ": packets of no virtual router here", interface.stats, colours);
  for (const auto& router : sample.routers)
    text += block(title_of(router), router.stats, colours) + daemon_lines(router);
  return text;
}

std::string rfc6527_text(const StatsSample& sample, bool colours) {
  std::string text = mib_block("this host", host_mib(sample), colours);
  for (const auto& router : sample.routers)
    text += mib_block(title_of(router), router_mib(router), colours);
  return text;
}

} // namespace xvrrp::cli
