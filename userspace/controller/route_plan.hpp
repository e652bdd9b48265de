// SPDX-License-Identifier: BSD-2-Clause
// The routes and rules of a configuration meet the machine.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/route.hpp>

#include "config/model.hpp"
#include "controller/plan.hpp"
#include "platform/routes.hpp"

namespace xvrrp::controller {

/// With the numbers of its devices, and with its VRF's table. The error is a sentence: there is no such
/// interface.
Result<IpRoute> resolve(const config::Route& route, const InterfaceMap& interfaces);
/// The kernel knows a rule's devices by their names; they must be there all the same.
Result<IpRule> resolve(const config::Rule& rule, const InterfaceMap& interfaces);

struct ResolvedRoutes {
  std::vector<IpRoute> routes;
  std::vector<IpRule> rules;

  platform::RouteSet set() const { return {routes, rules}; } ///< a view
};

/// The names of the devices that it names.
std::vector<std::string> device_names(const config::Route& route);
std::vector<std::string> device_names(const config::Rule& rule);

/// The items that are not among the others.
template <typename Item>
std::vector<Item> without(const std::vector<Item>& items, const std::vector<Item>& others) {
  std::vector<Item> left;
  std::copy_if(items.begin(), items.end(), std::back_inserter(left), [&](const Item& item) {
    return std::find(others.begin(), others.end(), item) == others.end();
  });
  return left;
}

/// Whether the devices that it was resolved for are there, under their names.
bool stands(const IpRoute& route, const InterfaceMap& interfaces);

} // namespace xvrrp::controller
