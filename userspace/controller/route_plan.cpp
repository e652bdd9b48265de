// SPDX-License-Identifier: BSD-2-Clause
#include "controller/route_plan.hpp"

#include <algorithm>

namespace xvrrp::controller {
namespace {

Result<const platform::Interface*> require(const std::string& name, const config::Location& where,
                                           const InterfaceMap& interfaces) {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const auto& entry) { return entry.second.name == name; });
  if (found == interfaces.end())
    return failed(where.file + ":" + std::to_string(where.line) + ": there is no interface \"" + name +
                  "\" in this network namespace");
  return &found->second;
}

} // namespace

Result<IpRoute> resolve(const config::Route& route, const InterfaceMap& interfaces) {
  IpRoute resolved = route.route;
  for (auto& hop : resolved.hops) {
    if (hop.device.name.empty())
      continue;
    const auto device = require(hop.device.name, route.where, interfaces);
    if (!device)
      return device.error();
    hop.device.index = (*device)->index;
  }
  if (resolved.vrf.empty())
    return resolved;
  const auto vrf = require(resolved.vrf, route.where, interfaces);
  if (!vrf)
    return vrf.error();
  if ((*vrf)->vrf_table == 0)
    return failed(route.where.file + ":" + std::to_string(route.where.line) + ": " + resolved.vrf +
                  " is not a VRF device");
  resolved.table = (*vrf)->vrf_table;
  return resolved;
}

Result<IpRule> resolve(const config::Rule& rule, const InterfaceMap& interfaces) {
  for (const auto& name : device_names(rule)) {
    if (const auto device = require(name, rule.where, interfaces); !device)
      return device.error();
  }
  return rule.rule;
}

std::vector<std::string> device_names(const config::Route& route) {
  std::vector<std::string> names;
  for (const auto& hop : route.route.hops) {
    if (!hop.device.name.empty())
      names.push_back(hop.device.name);
  }
  if (!route.route.vrf.empty())
    names.push_back(route.route.vrf);
  return names;
}

std::vector<std::string> device_names(const config::Rule& rule) {
  std::vector<std::string> names;
  for (const auto& name : {rule.rule.input_device, rule.rule.output_device}) {
    if (!name.empty())
      names.push_back(name);
  }
  return names;
}

bool stands(const IpRoute& route, const InterfaceMap& interfaces) {
  return std::all_of(route.hops.begin(), route.hops.end(), [&](const NextHop& hop) {
    if (hop.device.index == 0)
      return true;
    const auto found = interfaces.find(hop.device.index);
    return found != interfaces.end() && found->second.name == hop.device.name;
  });
}

} // namespace xvrrp::controller
