// SPDX-License-Identifier: BSD-2-Clause
// load and unload: the data plane without a daemon.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/terminal.hpp"
#include "cli/vlans.hpp"
#include "dataplane/data_plane.hpp"
#include "dataplane/features.hpp"
#include "dataplane/instance_lock.hpp"
#include "dataplane/inventory.hpp"
#include "dataplane/loader.hpp"
#include "dataplane/tc_link.hpp"
#include "platform/left_behind.hpp"
#include "platform/nat.hpp"
#include "platform/place.hpp"
#include "platform/unicast_filter.hpp"

namespace xvrrp::cli {
namespace {

using dataplane::DataPlane;

using platform::Capability;
/// PerfMon: the verifier lets nobody else compare packet pointers as the programs do.
constexpr std::array kNeededToLoad{Capability::Bpf, Capability::NetAdmin, Capability::PerfMon};
constexpr std::array kNeededToUnload{Capability::Bpf, Capability::NetAdmin};

Result<dataplane::DownTimer> require_kernel(const std::vector<std::string>& disabled) {
  const auto features = dataplane::probe_features(disabled);
  if (!features)
    return features.error();
  if (auto status = dataplane::require_features(*features); !status)
    return std::move(status).error();
  return dataplane::down_timer(*features);
}

/// A data plane loaded by hand that may be changed, and whether it is new.
struct Opened {
  DataPlane plane;
  bool created;
};

/// What --replace removes; the caller holds the instance's lock, so no xvrrpd uses it.
bool is_left_over(const xv_info& owner) {
  return owner.abi_version != XV_ABI_VERSION || owner.owner == XV_OWNER_DAEMON;
}

/// What the dead daemon put into this network namespace; before its programs go, which fence its addresses.
Status remove_what_it_installed(const std::string& instance) {
  const auto inventory = dataplane::inventory_of(instance);
  if (!inventory)
    return inventory.error();
  const auto network = platform::network_cookie();
  const auto plane = DataPlane::open(instance);
  if (inventory->network != network && !inventory->messages.empty()) {
    const bool is_alive = plane && std::ranges::any_of(plane->attached(), [](const auto& attached) {
                            return attached.ifindex != 0;
                          });
    if (is_alive)
      return Error{ErrorKind::Conflict,
                   fmt::format("what the killed xvrrpd of instance \"{}\" installed is in another network "
                               "namespace, and would stay there without its fence: run this there (ip netns "
                               "exec NAME vrrpctl ...)",
                               instance)};
    return Done{}; // it went with its namespace
  }
  const auto removed = platform::remove_left_behind(
      {inventory->messages, {}, dataplane::inventory_of_others(instance, network)});
  if (!removed)
    return removed.error();
  for (const auto& key : plane ? plane->virtual_macs().keys() : std::vector<xv_vmac_key>{}) {
    if (key.vlan != 0)
      continue; // it says how frames arrive; beside it is that of the device that received for the MAC
    platform::UnicastFilter::Mac mac{};
    std::copy(std::begin(key.mac), std::end(key.mac), mac.begin());
    platform::UnicastFilter::remove(key.ifindex, mac);
    dataplane::detach_filters(key.ifindex);
  }
  return platform::NatTable::remove_leftover(instance);
}

Result<Opened> open_or_create(const std::string& instance, const std::string& interface, bool replace,
                              dataplane::DownTimer timer) {
  auto owner = DataPlane::owner_of(instance);
  if (replace && owner && is_left_over(*owner)) {
    if (auto status = remove_what_it_installed(instance); !status)
      return std::move(status).error();
    if (auto status = DataPlane::remove(instance); !status)
      return std::move(status).error();
    owner = DataPlane::owner_of(instance);
  }
  if (!owner && owner.error().kind != ErrorKind::NotRunning)
    return owner.error();
  if (owner && owner->abi_version == XV_ABI_VERSION && owner->owner == XV_OWNER_DAEMON)
    return Error{
        ErrorKind::Conflict,
        fmt::format("instance \"{}\" still has what a killed xvrrpd (pid {}) left: start that xvrrpd again, "
                    "or clean up with {}",
                    instance, owner->owner_pid, command_line(instance, "unload " + interface))};
  if (auto status = owner ? Done{} : DataPlane::remove(instance); !status) // half of one, of a killed process
    return std::move(status).error();
  auto plane = owner ? DataPlane::open(instance) : DataPlane::create(instance, XV_OWNER_HAND, 0, timer);
  if (!plane)
    return std::move(plane).error();
  return Opened{*std::move(plane), !owner};
}

/// Both families: a VRID names one virtual router in each.
std::vector<xv_vr_key> shielded_routers(const xv_if_key& place, const std::vector<std::uint8_t>& vrids) {
  std::vector<xv_vr_key> keys;
  for (const auto vrid : vrids) {
    keys.push_back(dataplane::vr_key(place, Family::IPv4, vrid));
    keys.push_back(dataplane::vr_key(place, Family::IPv6, vrid));
  }
  return keys;
}

/// Where the program goes; native mode is refused where it cannot be.
Result<platform::Place> find_place(const platform::Interface& interface, dataplane::WantedMode mode) {
  auto place = platform::find_place(interface);
  if (place && !place->detour.empty() && mode == dataplane::WantedMode::Native)
    return Error{ErrorKind::Unsupported,
                 interface.name + ": native XDP is not possible: " + place->detour + "; use --mode skb"};
  return place;
}

/// Conflict when the instance looks after the interface's frames already, or cannot.
Status can_load(const DataPlane& plane, const platform::Place& place, const Load& command) {
  if (!plane.carries(place.ifindex))
    return plane.can_attach(place.ifindex, place.device);
  if (plane.policies().find(if_key(place)))
    return plane.can_attach(place.ifindex, command.interface);
  const auto mode = dataplane::query_mode(place.ifindex, place.device);
  if (!mode)
    return mode.error();
  if (!dataplane::is_as_wanted(*mode, command.mode))
    return Error{ErrorKind::Conflict,
                 fmt::format("instance \"{}\" is on {} in {} mode already, for all of its "
                             "VLANs; to load it anew, first: {}",
                             command.instance, place.device, name(*mode),
                             command_line(command.instance, "unload " + place.device))};
  return Done{};
}

/// How the interface's frames are met.
struct Loaded {
  dataplane::AttachMode mode;
  std::string fallback; ///< why not in native mode, if nobody asked for another
};

/// One program serves a device and all of its VLANs.
Result<Loaded> attach(DataPlane& plane, const platform::Place& place, const Load& command) {
  const xv_if_policy policy{static_cast<__u32>(command.vrids.empty() ? XV_MODE_OBSERVE : XV_MODE_SHIELD), 0};
  const bool carried = plane.carries(place.ifindex);
  if (carried || place.tagged()) {
    if (auto status = plane.set_policy(if_key(place), command.interface, policy); !status)
      return std::move(status).error();
  }
  if (carried) {
    const auto mode = dataplane::query_mode(place.ifindex, place.device);
    if (!mode)
      return mode.error();
    return Loaded{*mode, {}};
  }
  const auto wanted = place.detour.empty() ? command.mode : dataplane::WantedMode::Skb;
  auto link = plane.attach(place.ifindex, place.device, wanted,
                           place.tagged() ? std::nullopt : std::optional{policy});
  if (!link)
    return std::move(link).error();
  return Loaded{link->mode, place.detour.empty() ? link->fallback : place.detour};
}

/// The routers first: the shield must not drop their adverts for a moment.
Result<Loaded> add_interface(DataPlane& plane, const platform::Place& place, const Load& command) {
  std::vector<xv_vr_key> added;
  const auto give_up = [&](Error error) {
    for (const auto& key : added)
      plane.remove_router(key);
    return error;
  };
  xv_vr_config listed{};
  listed.flags = XV_VR_LISTED;
  for (const auto& key : shielded_routers(if_key(place), command.vrids)) {
    const auto is_new = plane.create_router(key, listed);
    if (!is_new)
      return give_up(is_new.error());
    if (*is_new)
      added.push_back(key);
  }
  auto loaded = attach(plane, place, command);
  if (!loaded)
    return give_up(std::move(loaded).error());
  return loaded;
}

std::string loaded_text(const Load& command, const platform::Place& place, const Loaded& loaded) {
  std::string work = "observing, nothing is filtered";
  if (!command.vrids.empty())
    work = fmt::format("shielding VRID{} {}", command.vrids.size() == 1 ? "" : "s",
                       fmt::join(command.vrids, ", "));
  const std::string why =
      loaded.fallback.empty() ? "" : fmt::format(" (native was refused: {})", loaded.fallback);
  const std::string where =
      place.tagged() ? " on " + place.device + tags_text(place.vlan, place.inner_vlan) : std::string{};
  return fmt::format("{}: {}; XDP mode {}{}{}; pinned in {}\n", command.interface, work, name(loaded.mode),
                     where, why, dataplane::pin_directory(command.instance));
}

std::string cleaned_text(const std::string& instance, const xv_info& owner,
                         const std::vector<dataplane::AttachedInterface>& interfaces) {
  std::vector<std::string> names;
  for (const auto& interface : interfaces)
    names.push_back(interface.name);
  return fmt::format(
      "{}: unloaded what a killed xvrrpd (pid {}) left of instance \"{}\", with its addresses, "
      "routes and NAT rules\n",
      fmt::join(names, ", "), owner.owner_pid, instance);
}

/// Takes the interface out of the plane: of a VLAN its part, and with the last part the program; of any other
/// interface the program with every VLAN.
Status take_out(DataPlane& plane, const std::string& interface) {
  const auto here = platform::find_interface(interface);
  if (!here)
    return here.error();
  const auto vlan = *here ? judged_vlan(plane, **here) : std::optional<platform::Place>{};
  if (!vlan)
    return vlan.error();
  if (!*vlan)
    return plane.detach(interface);
  plane.remove_place(if_key(**vlan));
  const auto left = plane.policies().keys();
  if (std::any_of(left.begin(), left.end(), [&](const auto& key) { return key.ifindex == (*vlan)->ifindex; }))
    return Done{};
  return plane.detach((*vlan)->device);
}

} // namespace

Status run(const Load& command) {
  if (auto status = require_capabilities(kNeededToLoad); !status)
    return status;
  const auto timer = require_kernel(command.disabled_features);
  if (!timer)
    return timer.error();
  const auto interface = require_interface(command.interface);
  if (!interface)
    return interface.error();
  const auto place = find_place(*interface, command.mode);
  if (!place)
    return place.error();
  const auto lock = dataplane::InstanceLock::acquire(command.instance);
  if (!lock)
    return lock.error();
  auto opened = open_or_create(command.instance, command.interface, command.replace, *timer);
  if (!opened)
    return std::move(opened).error();
  if (auto status = can_load(opened->plane, *place, command); !status)
    return status;
  const auto loaded = add_interface(opened->plane, *place, command);
  if (!loaded) {
    if (opened->created)
      (void)DataPlane::remove(command.instance); // the error that led here is the one to tell
    return loaded.error();
  }
  print(loaded_text(command, *place, *loaded));
  return Done{};
}

Status run(const Unload& command) {
  if (auto status = require_capabilities(kNeededToUnload); !status)
    return status;
  const auto lock = dataplane::InstanceLock::acquire(command.instance);
  if (!lock && lock.error().kind == ErrorKind::Conflict)
    return Error{ErrorKind::Conflict, lock.error().message + ": stop it instead"};
  if (!lock)
    return lock.error();
  const auto owner = DataPlane::owner_of(command.instance);
  if (!owner)
    return owner.error();
  auto plane = DataPlane::open(command.instance);
  if (!plane)
    return std::move(plane).error();
  const auto interfaces = plane->attached();
  // Nobody can use what a dead daemon left, and on its other interfaces it still drops adverts.
  const bool daemon_died = owner->owner == XV_OWNER_DAEMON;
  if (auto status = daemon_died ? remove_what_it_installed(command.instance) : Done{}; !status)
    return status;
  if (auto status = take_out(*plane, command.interface); !status)
    return status;
  if (daemon_died || plane->attached().empty()) {
    if (auto status = DataPlane::remove(command.instance); !status)
      return status;
  }
  print(daemon_died ? cleaned_text(command.instance, *owner, interfaces)
                    : command.interface + ": unloaded\n");
  return Done{};
}

} // namespace xvrrp::cli
