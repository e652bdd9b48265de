// SPDX-License-Identifier: BSD-2-Clause
// load and unload: the data plane without a daemon.
#include <array>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/terminal.hpp"
#include "dataplane/data_plane.hpp"
#include "dataplane/features.hpp"
#include "dataplane/loader.hpp"
#include "platform/instance_lock.hpp"

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

Result<Opened> open_or_create(const std::string& instance, const std::string& interface, bool replace,
                              dataplane::DownTimer timer) {
  auto owner = DataPlane::owner_of(instance);
  if (replace && owner && is_left_over(*owner)) {
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
  auto plane = owner ? DataPlane::open(instance) : DataPlane::create(instance, XV_OWNER_HAND, 0, timer);
  if (!plane)
    return std::move(plane).error();
  return Opened{*std::move(plane), !owner};
}

/// Both families: a VRID names one virtual router in each.
std::vector<xv_vr_key> shielded_routers(std::uint32_t ifindex, const std::vector<std::uint8_t>& vrids) {
  std::vector<xv_vr_key> keys;
  for (const auto vrid : vrids) {
    keys.push_back(dataplane::vr_key(ifindex, Family::IPv4, vrid));
    keys.push_back(dataplane::vr_key(ifindex, Family::IPv6, vrid));
  }
  return keys;
}

/// The routers first: the shield must not drop their adverts for a moment.
Result<dataplane::XdpLink> add_interface(DataPlane& plane, std::uint32_t ifindex, const Load& command) {
  const auto keys = shielded_routers(ifindex, command.vrids);
  const auto give_up = [&](Error error) {
    for (const auto& key : keys)
      plane.remove_router(key);
    return error;
  };
  xv_vr_config listed{};
  listed.flags = XV_VR_LISTED;
  for (const auto& key : keys) {
    if (auto status = plane.add_router(key, listed, {}); !status)
      return give_up(std::move(status).error());
  }
  const __u32 mode = command.vrids.empty() ? XV_MODE_OBSERVE : XV_MODE_SHIELD;
  auto link = plane.attach(ifindex, command.interface, command.mode, {mode, 0});
  if (!link)
    return give_up(std::move(link).error());
  return link;
}

std::string loaded_text(const Load& command, const dataplane::XdpLink& link) {
  std::string work = "observing, nothing is filtered";
  if (!command.vrids.empty())
    work = fmt::format("shielding VRID{} {}", command.vrids.size() == 1 ? "" : "s",
                       fmt::join(command.vrids, ", "));
  const std::string why =
      link.fallback.empty() ? "" : fmt::format(" (native was refused: {})", link.fallback);
  return fmt::format("{}: {}; XDP mode {}{}; pinned in {}\n", command.interface, work, name(link.mode), why,
                     dataplane::pin_directory(command.instance));
}

std::string cleaned_text(const std::string& instance, const xv_info& owner,
                         const std::vector<dataplane::AttachedInterface>& interfaces) {
  std::vector<std::string> names;
  for (const auto& interface : interfaces)
    names.push_back(interface.name);
  return fmt::format("{}: unloaded what a killed xvrrpd (pid {}) left of instance \"{}\"; its addresses and "
                     "NAT rules, if any, go when it starts again\n",
                     fmt::join(names, ", "), owner.owner_pid, instance);
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
  const auto lock = platform::InstanceLock::acquire(command.instance);
  if (!lock)
    return lock.error();
  auto opened = open_or_create(command.instance, command.interface, command.replace, *timer);
  if (!opened)
    return std::move(opened).error();
  if (auto status = opened->plane.can_attach(interface->index, command.interface); !status)
    return status;
  const auto link = add_interface(opened->plane, interface->index, command);
  if (!link) {
    if (opened->created)
      (void)DataPlane::remove(command.instance); // the error that led here is the one to tell
    return link.error();
  }
  print(loaded_text(command, *link));
  return Done{};
}

Status run(const Unload& command) {
  if (auto status = require_capabilities(kNeededToUnload); !status)
    return status;
  const auto lock = platform::InstanceLock::acquire(command.instance);
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
  if (auto status = plane->detach(command.interface); !status)
    return status;
  // Nobody can use what a dead daemon left, and on its other interfaces it still drops adverts.
  const bool daemon_died = owner->owner == XV_OWNER_DAEMON;
  if (daemon_died || interfaces.size() == 1) {
    if (auto status = DataPlane::remove(command.instance); !status)
      return status;
  }
  print(daemon_died ? cleaned_text(command.instance, *owner, interfaces)
                    : command.interface + ": unloaded\n");
  return Done{};
}

} // namespace xvrrp::cli
