// SPDX-License-Identifier: BSD-2-Clause
#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "cli/ask.hpp"
#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/stats_view.hpp"
#include "cli/terminal.hpp"
#include "cli/vlans.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::cli {
namespace {

std::uint64_t count_at(const Json& object, const char* key) {
  return static_cast<std::uint64_t>(number_at(object, key));
}

/// A daemon that hangs is when the data plane's counters are wanted most.
constexpr std::chrono::milliseconds kDaemonPatience{1000};

/// A virtual router that the daemon tells of, by where its frames are judged.
struct Told {
  std::string device;
  std::uint64_t vlan;
  std::uint64_t inner_vlan;
  const Json& router;
};

/// Without a daemon nothing: the rest is still worth showing.
std::vector<Told> told(const Result<Json>& status) {
  std::vector<Told> all;
  if (!status)
    return all;
  for (const auto& router : member(*status, "instances")) {
    const Json& xdp = member(router, "xdp");
    all.push_back({text_at(xdp, "device"), count_at(xdp, "vlan"), count_at(xdp, "inner_vlan"), router});
  }
  return all;
}

bool is_at(const Told& one, const std::string& device, const xv_if_key& place) {
  return one.device == device && one.vlan == place.vlan && one.inner_vlan == place.inner_vlan;
}

std::optional<DaemonCounters> daemon_counters(const std::vector<Told>& all, const std::string& device,
                                              const xv_if_key& place, const xv_vr_key& key) {
  for (const auto& one : all) {
    if (!is_at(one, device, place) || count_at(one.router, "vrid") != key.vrid ||
        text_at(one.router, "family") != family_name(static_cast<Family>(key.family)))
      continue;
    const Json& counters = member(one.router, "counters");
    return DaemonCounters{count_at(counters, "adverts_sent"), count_at(counters, "priority_zero_sent"),
                          count_at(counters, "became_master"), text_at(one.router, "new_master_reason")};
  }
  return std::nullopt;
}

/// The devices' names come from the pins, those of VLANs also from the daemon: all of it may be in another
/// network namespace than the caller.
StatsSample collect(const std::string& instance, const dataplane::DataPlane& plane,
                    const std::vector<Told>& told) {
  StatsSample sample{instance, {}, {}};
  std::map<std::uint32_t, std::string> devices;
  for (const auto& interface : plane.attached()) {
    if (interface.ifindex != 0) // gone, and its counters have no name any more
      devices[interface.ifindex] = interface.name;
  }
  const PlaceNames names{plane};
  const auto name_of = [&](const xv_if_key& place, const std::string& device) {
    const auto one =
        std::find_if(told.begin(), told.end(), [&](const Told& each) { return is_at(each, device, place); });
    return one != told.end() ? text_at(one->router, "interface") : names.name(place, device);
  };
  for (const auto& place : plane.policies().keys()) {
    if (const auto device = devices.find(place.ifindex); device != devices.end())
      sample.interfaces.push_back(
          {name_of(place, device->second), plane.interface_stats().find(place).value_or(xv_stats{})});
  }
  for (const auto& key : plane.routers().keys()) {
    const auto place = dataplane::place_of(key);
    if (const auto device = devices.find(key.ifindex); device != devices.end())
      sample.routers.push_back({name_of(place, device->second), key.vrid, static_cast<Family>(key.family),
                                key.vlan, key.inner_vlan, plane.router_stats().find(key).value_or(xv_stats{}),
                                daemon_counters(told, device->second, place, key)});
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
  const auto status = ask(command.instance, {{"command", "status"}}, kDaemonPatience);
  const auto sample = collect(command.instance, *plane, told(status));
  if (command.json)
    print(pretty(stats_json(sample)));
  else
    print(command.rfc6527 ? rfc6527_text(sample, wants_colours()) : stats_text(sample, wants_colours()));
  return Done{};
}

} // namespace xvrrp::cli
