// SPDX-License-Identifier: BSD-2-Clause
#include "cli/watch_sample.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "cli/target.hpp"
#include "cli/vlans.hpp"
#include "dataplane/data_plane.hpp"
#include "platform/clock.hpp"

namespace xvrrp::cli {
namespace {

auto order(const xv_vr_key& key) {
  return std::make_tuple(key.vlan, key.inner_vlan, key.vrid, key.family);
}

struct ByOrder {
  bool operator()(const xv_vr_key& a, const xv_vr_key& b) const { return order(a) < order(b); }
};

} // namespace

Nanoseconds HeardRouter::interval() const {
  if (hearing.version == 2)
    return std::chrono::seconds{hearing.interval_wire};
  return Centiseconds{hearing.interval_wire};
}

Nanoseconds HeardRouter::silence(Instant now) const {
  return std::max(now - instant_from_ns(hearing.last_ns), Nanoseconds{0});
}

Result<WatchSample> take_sample(const std::optional<std::string>& instance, const std::string& interface) {
  const auto target = find_target(instance, interface);
  if (!target)
    return target.error();
  // A map, because a walk over entries that come and go may meet one twice.
  std::map<xv_vr_key, HeardRouter, ByOrder> routers;
  for (const auto& [key, hearing] : target->plane.heard().entries()) {
    if (target->concerns(key))
      routers[key] = {key, {}, hearing, false};
  }
  for (const auto& [key, config] : target->plane.routers().entries()) {
    if (!target->concerns(key))
      continue;
    HeardRouter& router = routers[key];
    router.key = key;
    router.configured = true;
    if ((config.flags & XV_VR_LISTED) == 0)
      router.hearing = target->plane.liveness().find(key).value_or(xv_vr_live{}).heard;
  }
  WatchSample sample{target->instance, interface, platform::monotonic_now(), {}};
  const PlaceNames names{target->plane};
  for (auto& [key, router] : routers) {
    if (router.hearing.adverts == 0)
      continue;
    router.interface = target->place.vlan == 0 ? names.name(dataplane::place_of(key), interface) : interface;
    sample.routers.push_back(router);
  }
  return sample;
}

} // namespace xvrrp::cli
