// SPDX-License-Identifier: BSD-2-Clause
#include "cli/explain_routes.hpp"

#include <iterator>
#include <string>

#include <fmt/format.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "config/values.hpp"

namespace xvrrp::cli {
namespace {

std::string type_name(std::uint8_t type) {
  constexpr const char* kNames[] = {"unspec",   "unicast",   "local",     "broadcast",
                                    "anycast",  "multicast", "blackhole", "unreachable",
                                    "prohibit", "throw",     "nat"};
  return type < std::size(kNames) ? kNames[type] : std::to_string(type);
}

std::string action_name(std::uint8_t action) {
  constexpr const char* kNames[] = {"unspec", "lookup",    "goto",        "nop",     "res3",
                                    "res4",   "blackhole", "unreachable", "prohibit"};
  return action < std::size(kNames) ? kNames[action] : std::to_string(action);
}

/// RTAX_*
std::string metric_name(std::uint16_t number) {
  constexpr const char* kNames[] = {
      "unspec",   "lock",    "mtu",      "window",     "rtt",      "rttvar",
      "ssthresh", "cwnd",    "advmss",   "reordering", "hoplimit", "initcwnd",
      "features", "rto_min", "initrwnd", "quickack",   "congctl",  "fastopen_no_cookie"};
  return number < std::size(kNames) ? kNames[number] : std::to_string(number);
}

std::string text(const IpPrefix& prefix) {
  return prefix.length == 0 ? "default" : prefix.text();
}

std::string realms(std::uint32_t realms) {
  return fmt::format("{}/{}", realms >> 16, realms & 0xffff);
}

template <typename Value>
void add(Json& json, const char* name, const std::optional<Value>& value) {
  if (value)
    json[name] = *value;
}

template <typename Number>
void add(Json& json, const char* name, const std::optional<IpRule::Range<Number>>& range) {
  if (range)
    json[name] = range->first == range->second ? fmt::to_string(range->first)
                                               : fmt::format("{}-{}", range->first, range->second);
}

Json explained(const NextHop& hop) {
  Json json = Json::object();
  if (hop.gateway)
    json["via"] = hop.gateway->text();
  if (!hop.device.name.empty())
    json["dev"] = hop.device.name;
  if (hop.weight != 1)
    json["weight"] = hop.weight;
  if (hop.onlink)
    json["onlink"] = true;
  if (hop.realms != 0)
    json["realms"] = realms(hop.realms);
  return json;
}

} // namespace

Json explained(const config::Route& configured) {
  const auto& route = configured.route;
  Json json{{"to", text(route.destination)},
            {"family", config::name(route.family())},
            {"type", type_name(route.type)}};
  if (route.hops.size() == 1)
    json.update(explained(route.hops.front()));
  else
    for (const auto& hop : route.hops)
      json["nexthops"].push_back(explained(hop));
  if (route.from)
    json["from"] = text(*route.from);
  if (route.preferred_source)
    json["src"] = route.preferred_source->text();
  if (route.vrf.empty())
    json["table"] = route.table;
  else
    json["vrf"] = route.vrf;
  json["protocol"] = route.protocol;
  json["scope"] = route.scope;
  if (route.tos != 0)
    json["tos"] = route.tos;
  add(json, "metric", route.metric);
  for (const auto& [number, value] : route.metrics)
    json[metric_name(number)] = value;
  if (!route.congestion_control.empty())
    json["congctl"] = route.congestion_control;
  add(json, "pref", route.preference);
  add(json, "expires", route.expires);
  if (route.position != IpRoute::Position::First)
    json["position"] = route.position == IpRoute::Position::Last ? "append" : "only";
  if (!configured.tracked)
    json["no_track"] = true;
  return json;
}

Json explained(const config::Rule& configured) {
  const auto& rule = configured.rule;
  Json json{{"priority", rule.priority},
            {"family", config::name(rule.family)},
            {"action", action_name(rule.action)}};
  if (rule.vrf_table)
    json["l3mdev"] = true;
  else if (rule.action == FR_ACT_TO_TBL)
    json["table"] = rule.table;
  else if (rule.action == FR_ACT_GOTO)
    json["goto"] = rule.target;
  if (rule.inverted)
    json["not"] = true;
  if (rule.from)
    json["from"] = text(*rule.from);
  if (rule.to)
    json["to"] = text(*rule.to);
  if (!rule.input_device.empty())
    json["iif"] = rule.input_device;
  if (!rule.output_device.empty())
    json["oif"] = rule.output_device;
  if (rule.tos != 0)
    json["tos"] = rule.tos;
  add(json, "fwmark", rule.mark);
  add(json, "fwmask", rule.mark_mask);
  add(json, "tun_id", rule.tunnel);
  add(json, "uidrange", rule.users);
  add(json, "ipproto", rule.ip_protocol);
  add(json, "sport", rule.source_ports);
  add(json, "dport", rule.destination_ports);
  if (rule.realms != 0)
    json["realms"] = realms(rule.realms);
  add(json, "suppress_prefixlength", rule.suppressed_length);
  add(json, "suppress_ifgroup", rule.suppressed_group);
  json["protocol"] = rule.protocol;
  if (!configured.tracked)
    json["no_track"] = true;
  return json;
}

} // namespace xvrrp::cli
