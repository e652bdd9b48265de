// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <map>
#include <tuple>

#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/stats_view.hpp"
#include "cli/terminal.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::cli {
namespace {

/// Names come from the pins: the interfaces may be in another network namespace than the caller.
StatsSample collect(const std::string& instance, const dataplane::DataPlane& plane) {
  StatsSample sample{instance, {}, {}};
  std::map<std::uint32_t, std::string> names;
  for (const auto& interface : plane.attached()) {
    if (interface.ifindex == 0)
      continue; // gone, and its counters have no name any more
    names[interface.ifindex] = interface.name;
    sample.interfaces.push_back(
        {interface.name, plane.interface_stats().find({interface.ifindex, 0, 0}).value_or(xv_stats{})});
  }
  for (const auto& key : plane.routers().keys()) {
    const auto name = names.find(key.ifindex);
    if (name != names.end())
      sample.routers.push_back({name->second, key.vrid, static_cast<Family>(key.family),
                                plane.router_stats().find(key).value_or(xv_stats{})});
  }
  std::sort(sample.interfaces.begin(), sample.interfaces.end(),
            [](const auto& a, const auto& b) { return a.interface < b.interface; });
  std::sort(sample.routers.begin(), sample.routers.end(), [](const auto& a, const auto& b) {
    return std::tie(a.interface, a.vrid, a.family) < std::tie(b.interface, b.vrid, b.family);
  });
  return sample;
}

} // namespace

Status run(const ShowStats& command) {
  if (auto status = require_bpf(); !status)
    return status;
  const auto plane = dataplane::DataPlane::open(command.instance);
  if (!plane)
    return plane.error();
  const auto sample = collect(command.instance, *plane);
  print(command.json ? pretty(stats_json(sample)) : stats_text(sample, wants_colours()));
  return Done{};
}

} // namespace xvrrp::cli
