// SPDX-License-Identifier: BSD-2-Clause
#include "controller/predecessor.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <set>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "controller/attachments.hpp"
#include "controller/inventory.hpp"
#include "dataplane/tc_link.hpp"
#include "platform/clock.hpp"
#include "platform/unicast_filter.hpp"

namespace xvrrp::controller {
namespace {

using dataplane::DataPlane;

Result<DataPlane> load(const std::string& instance, dataplane::DownTimer timer) {
  if (auto status = DataPlane::remove(instance); !status)
    return std::move(status).error();
  return DataPlane::create(instance, XV_OWNER_DAEMON, static_cast<std::uint32_t>(getpid()), timer);
}

Error loaded_by_hand(const std::string& instance) {
  return {ErrorKind::Conflict, "instance \"" + instance +
                                   "\" was loaded by hand; to make room: vrrpctl --instance " + instance +
                                   " unload INTERFACE, or choose another --instance"};
}

Error other_version(const std::string& instance, std::uint32_t version) {
  return {ErrorKind::Conflict,
          "instance \"" + instance + "\" has the data plane of another version of xvrrp pinned (data plane " +
              std::to_string(version) + ", this is " + std::to_string(XV_ABI_VERSION) +
              "), which cannot be taken over; to remove it and load anew: xvrrpd --replace"};
}

/// What the virtual MACs of a predecessor left on devices, unless the plans want them still. It is not in the
/// data plane, so it would outlive that.
void forget_virtual_macs(const DataPlane& left, const std::vector<RouterPlan>& plans) {
  const auto wanted = guarded_macs(list_of(plans));
  for (const auto& key : left.virtual_macs().keys()) {
    // A key with tags says how frames arrive; beside it is that of the device that received for the MAC.
    if (key.vlan != 0 || std::any_of(wanted.begin(), wanted.end(), [&](const dataplane::GuardedMac& guarded) {
          return std::memcmp(&guarded.key, &key, sizeof(key)) == 0;
        }))
      continue;
    Mac mac{};
    std::copy(std::begin(key.mac), std::end(key.mac), mac.begin());
    platform::UnicastFilter::remove(key.ifindex, mac);
    dataplane::detach_filters(key.ifindex);
  }
}

/// A router that resumes keeps its slot, in which its lease stands; the others get those that are left.
void deal_lease_slots(std::vector<RouterPlan>& plans, const DataPlane& data_plane) {
  std::set<std::uint32_t> taken;
  for (auto& plan : plans) {
    const auto live = data_plane.liveness().find(plan.key);
    plan.resumes = live && live->lease_slot < XV_MAX_VRS &&
                   (live->role == XV_ROLE_STOPPED || taken.insert(live->lease_slot).second);
    plan.resumes = plan.resumes && live->role != XV_ROLE_STOPPED;
    if (plan.resumes)
      plan.lease_slot = live->lease_slot;
  }
  std::uint32_t next = 0;
  for (auto& plan : plans) {
    if (plan.resumes)
      continue;
    while (!taken.insert(next).second)
      ++next;
    plan.lease_slot = next;
  }
}

/// Where the plans' addresses are.
std::set<std::uint32_t> address_interfaces(const std::vector<RouterPlan>& plans) {
  std::set<std::uint32_t> interfaces;
  for (const auto& plan : plans) {
    for (const auto& planned : plan.addresses)
      interfaces.insert(planned.ifindex());
  }
  return interfaces;
}

Status remove_left(const platform::Claims& claims) {
  const auto removed = platform::remove_left_behind(claims);
  if (!removed)
    return removed.error();
  if (removed->routes > 0)
    spdlog::info("removed {} routes and rules that an earlier xvrrpd left", removed->routes);
  if (removed->addresses > 0)
    spdlog::info("removed {} virtual addresses that an earlier xvrrpd left", removed->addresses);
  return Done{};
}

/// Absent: it cannot be taken over after all.
std::optional<DataPlane> try_to_adopt(const std::string& instance, dataplane::DownTimer timer,
                                      std::vector<RouterPlan>& plans) {
  auto plane = DataPlane::adopt(instance, static_cast<std::uint32_t>(getpid()), timer);
  if (!plane) {
    spdlog::warn("what an earlier xvrrpd left is not taken over but removed: {}", plane.error().message);
    return std::nullopt;
  }
  std::vector<xv_vr_key> keys;
  for (const auto& plan : plans)
    keys.push_back(plan.key);
  plane->retain(keys, device_names(list_of(plans)));
  for (const auto& plan : plans)
    plane->retain_peers(plan.key, plan.instance.unicast_peers);
  plane->retain_virtual_macs(virtual_mac_interfaces(list_of(plans)));
  deal_lease_slots(plans, *plane);
  return *std::move(plane);
}

} // namespace

bool resumes_as_master(const RouterPlan& plan, const DataPlane& data_plane) {
  if (!plan.resumes)
    return false;
  const auto live = data_plane.liveness().find(plan.key);
  return live && live->role == XV_ROLE_MASTER &&
         to_ns(platform::monotonic_now()) < data_plane.lease_end(live->lease_slot);
}

Status remove_left_addresses(const std::string& instance, const std::vector<RouterPlan>& plans) {
  const auto claims = find_claims(instance, installs_of(list_of(plans)));
  return claims ? remove_left(*claims) : Status{claims.error()};
}

Status may_start(const std::string& instance, bool replace, const std::vector<RouterPlan>& plans) {
  const auto owner = DataPlane::owner_of(instance);
  if (owner && owner->abi_version != XV_ABI_VERSION && !replace)
    return other_version(instance, owner->abi_version);
  if (owner && owner->abi_version == XV_ABI_VERSION && owner->owner == XV_OWNER_HAND && !replace)
    return loaded_by_hand(instance);
  for (const auto& plan : plans) {
    if (plan.place.ifindex == 0)
      continue; // its interface comes later
    if (auto status = DataPlane::find_conflict(instance, plan.place.ifindex, plan.place.device); !status)
      return status;
  }
  return Done{};
}

Result<Foundation> lay_foundation(const std::string& instance, bool replace, dataplane::DownTimer timer,
                                  std::vector<RouterPlan>& plans,
                                  const std::vector<platform::AddressSpec>& static_addresses,
                                  const ResolvedRoutes& static_routes) {
  const auto statics =
      platform::AddressBatch::build(static_addresses, static_routes.routes, static_routes.rules);
  if (!statics)
    return statics.error();
  platform::InstallMessages installs = installs_of(list_of(plans));
  platform::append(installs, *statics);
  auto claims = find_claims(instance, std::move(installs));
  if (!claims)
    return std::move(claims).error();
  platform::append(claims->stays, *statics);

  for (const auto ifindex : address_interfaces(plans))
    dataplane::detach_filters(
        ifindex, [&](std::uint32_t program) { return DataPlane::is_of_another(instance, program); });
  const auto owner = DataPlane::owner_of(instance);
  if (owner && owner->abi_version == XV_ABI_VERSION) {
    if (const auto left = DataPlane::open(instance))
      forget_virtual_macs(*left, plans);
  }
  std::optional<DataPlane> adopted;
  if (owner && !replace) {
    spdlog::info("taking over what an earlier xvrrpd (pid {}) left", owner->owner_pid);
    adopted = try_to_adopt(instance, timer, plans);
  }
  for (const auto& plan : plans) {
    if (adopted && resumes_as_master(plan, *adopted))
      platform::append(claims->stays, plan.batch);
  }
  if (auto status = remove_left(*claims); !status)
    return std::move(status).error();
  if (adopted)
    return Foundation{*std::move(adopted), true};
  auto loaded = load(instance, timer);
  if (!loaded)
    return std::move(loaded).error();
  return Foundation{*std::move(loaded), false};
}

} // namespace xvrrp::controller
