// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <map>
#include <tuple>

#include "cli/ask.hpp"
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
      sample.routers.push_back({name->second, key.vrid, static_cast<Family>(key.family), key.vlan,
                                plane.router_stats().find(key).value_or(xv_stats{}), std::nullopt});
  }
  std::sort(sample.interfaces.begin(), sample.interfaces.end(),
            [](const auto& a, const auto& b) { return a.interface < b.interface; });
  std::sort(sample.routers.begin(), sample.routers.end(), [](const auto& a, const auto& b) {
    return std::tie(a.interface, a.vlan, a.vrid, a.family) < std::tie(b.interface, b.vlan, b.vrid, b.family);
  });
  return sample;
}

std::uint64_t count_at(const Json& object, const char* key) {
  return static_cast<std::uint64_t>(number_at(object, key));
}

/// A daemon that hangs is when the data plane's counters are wanted most.
constexpr std::chrono::milliseconds kDaemonPatience{1000};

/// What the daemon says of its virtual routers, where one runs. Without it the rest is still worth showing.
void add_daemon(StatsSample& sample) {
  const auto status = ask(sample.instance, {{"command", "status"}}, kDaemonPatience);
  if (!status)
    return;
  for (const auto& told : member(*status, "instances")) {
    for (auto& router : sample.routers) {
      if (router.interface != text_at(told, "interface") || router.vrid != count_at(told, "vrid") ||
          family_name(router.family) != text_at(told, "family"))
        continue;
      const Json& counters = member(told, "counters");
      router.daemon = {count_at(counters, "adverts_sent"), count_at(counters, "priority_zero_sent"),
                       count_at(counters, "became_master"), text_at(told, "new_master_reason")};
    }
  }
}

} // namespace

Status run(const ShowStats& command) {
  if (auto status = require_bpf(); !status)
    return status;
  const auto plane = dataplane::DataPlane::open(command.instance);
  if (!plane)
    return plane.error();
  auto sample = collect(command.instance, *plane);
  add_daemon(sample);
  if (command.json)
    print(pretty(stats_json(sample)));
  else
    print(command.rfc6527 ? rfc6527_text(sample, wants_colours()) : stats_text(sample, wants_colours()));
  return Done{};
}

} // namespace xvrrp::cli
