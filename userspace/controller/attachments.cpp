// SPDX-License-Identifier: BSD-2-Clause
#include "controller/attachments.hpp"

#include <spdlog/spdlog.h>

#include "dataplane/tc_link.hpp"

namespace xvrrp::controller {
namespace {

/// Stores what came of an attempt; whether that is another problem than before.
bool replace(std::optional<Error>& problem, std::optional<Error> now) {
  const auto text = [](const std::optional<Error>& error) { return error ? error->message : std::string{}; };
  const bool changed = text(problem) != text(now);
  problem = std::move(now);
  return changed;
}

std::optional<Error> error_of(const Status& status) {
  return status ? std::nullopt : std::optional{status.error()};
}

} // namespace

std::map<std::uint32_t, std::string> device_names(const PlanList& plans) {
  std::map<std::uint32_t, std::string> names;
  for (const auto* plan : plans) {
    names[plan->place.ifindex] = plan->place.device;
    for (const auto& planned : plan->addresses)
      names[planned.place.ifindex] = planned.place.device;
  }
  return names;
}

std::map<std::uint32_t, std::string> virtual_mac_interfaces(const PlanList& plans) {
  std::map<std::uint32_t, std::string> names;
  for (const auto* plan : plans) {
    if (plan->virtual_mac)
      names[plan->ifindex] = plan->instance.interface;
  }
  return names;
}

Attachments::~Attachments() {
  for (const auto& [ifindex, device] : mac_devices_)
    dataplane::detach_filters(ifindex);
}

Status Attachments::settle(const PlanList& plans) {
  if (auto status = inventory_.note(Inventory::Part::Routers, installs_of(plans)); !status)
    return status;
  settle_devices(wanted_devices(plans));
  settle_macs(plans);
  settle_groups(plans);
  if (auto status = data_plane_.guard_addresses(guarded_addresses(plans)); !status)
    return status;
  host_guard_.use(plans);
  return data_plane_.guard_macs(guarded_macs(plans));
}

bool Attachments::repair() {
  bool changed = false;
  for (auto& [ifindex, device] : devices_) {
    if (!device.problem && data_plane_.is_attached(device.link, ifindex))
      continue;
    if (!device.problem)
      spdlog::warn("{}: somebody took our XDP program off; attaching it again", device.name);
    data_plane_.abandon(ifindex, device.name); // what is left of it would be in the way
    changed |= attach(ifindex, device);
  }
  for (auto& [ifindex, device] : mac_devices_) {
    if (!device.problem && data_plane_.has_virtual_macs(ifindex, device.name))
      continue;
    if (!device.problem)
      spdlog::warn("{}: somebody took our TC programs off; attaching them again", device.name);
    changed |= give_macs(ifindex, device);
  }
  host_guard_.look_around();
  return changed;
}

std::optional<Error> Attachments::problem(const RouterPlan& plan) const {
  if (const auto device = devices_.find(plan.place.ifindex);
      device != devices_.end() && device->second.problem)
    return device->second.problem;
  if (const auto device = mac_devices_.find(plan.ifindex);
      device != mac_devices_.end() && plan.virtual_mac && device->second.problem)
    return device->second.problem;
  const auto group = groups_.find(plan.ifindex);
  return group != groups_.end() && plan.instance.unicast_peers.empty() ? group->second : std::nullopt;
}

const dataplane::XdpLink* Attachments::find(std::uint32_t ifindex) const {
  const auto device = devices_.find(ifindex);
  return device != devices_.end() && !device->second.problem ? &device->second.link : nullptr;
}

// ---- the receive program ----

std::map<std::uint32_t, Attachments::Device> Attachments::wanted_devices(const PlanList& plans) const {
  const xv_if_policy own{XV_MODE_OWN, options_.pass_unknown_vrid ? XV_POLICY_PASS_UNKNOWN_VRID : 0u};
  const xv_if_policy observe{XV_MODE_OBSERVE, 0};
  std::map<std::uint32_t, Device> wanted;
  const auto want = [&](const platform::Place& place) -> Device& {
    auto& device = wanted[place.ifindex];
    device.name = place.device;
    device.detour = place.detour;
    device.policies.try_emplace({0, 0}, place.device, observe);
    return device;
  };
  for (const auto* plan : plans) {
    const auto& place = plan->place;
    auto& device = want(place);
    device.needed = true;
    device.policies[{place.vlan, place.inner_vlan}] = {plan->instance.interface, own};
    // Where only addresses are, adverts are not our business: what is for the addresses is.
    for (const auto& planned : plan->addresses)
      want(planned.place);
  }
  return wanted;
}

void Attachments::settle_devices(std::map<std::uint32_t, Device> wanted) {
  std::erase_if(devices_, [&](const auto& entry) {
    const auto& [ifindex, device] = entry;
    const auto stays = wanted.find(ifindex);
    if (stays != wanted.end() && stays->second.name == device.name && stays->second.detour == device.detour)
      return false;
    data_plane_.abandon(ifindex, device.name);
    return true;
  });
  for (auto& [ifindex, device] : wanted) {
    if (const auto known = devices_.find(ifindex); known != devices_.end())
      settle_policies(ifindex, known->second, device);
    else
      attach(ifindex, devices_.emplace(ifindex, std::move(device)).first->second);
  }
}

void Attachments::settle_policies(std::uint32_t ifindex, Device& device, const Device& wanted) {
  for (const auto& [tags, named] : device.policies) {
    if (wanted.policies.count(tags) == 0)
      data_plane_.forget_place({ifindex, tags.first, tags.second});
  }
  for (const auto& [tags, named] : wanted.policies) {
    const auto known = device.policies.find(tags);
    if (known != device.policies.end() && known->second.second.mode == named.second.mode)
      continue;
    if (auto status = data_plane_.set_policy({ifindex, tags.first, tags.second}, named.first, named.second);
        !status)
      replace(device.problem, status.error());
  }
  device.policies = wanted.policies;
  device.needed = wanted.needed;
}

/// Whether the device's problem has changed.
bool Attachments::attach(std::uint32_t ifindex, Device& device) {
  auto link = try_to_attach(ifindex, device);
  const bool changed = replace(device.problem, link ? std::nullopt : std::optional{link.error()});
  if (link)
    device.link = *std::move(link);
  else if (!device.needed && changed)
    spdlog::warn("{}: addresses there are neither fenced nor is no_accept heeded: {}", device.name,
                 device.problem->message);
  return changed;
}

/// Attaches, or takes over a predecessor's link, and tells when that is not in native mode.
Result<dataplane::XdpLink> Attachments::try_to_attach(std::uint32_t ifindex, const Device& device) {
  const bool detour = !device.detour.empty();
  if (detour && options_.mode == dataplane::WantedMode::Native)
    return Error{ErrorKind::Unsupported, device.name + ": native XDP is not possible: " + device.detour};
  const auto mode = detour ? dataplane::WantedMode::Skb : options_.mode;
  for (const auto& [tags, named] : device.policies) {
    if (tags.first == 0)
      continue;
    if (auto status = data_plane_.set_policy({ifindex, tags.first, tags.second}, named.first, named.second);
        !status)
      return std::move(status).error();
  }
  const auto& untagged = device.policies.at({0, 0}).second;
  auto kept = data_plane_.keep(ifindex, device.name, mode, untagged);
  auto link = kept ? Result<dataplane::XdpLink>{*std::move(kept)}
                   : data_plane_.attach(ifindex, device.name, mode, untagged);
  if (!link)
    return link;
  if (detour)
    link->fallback = device.detour;
  if (detour)
    spdlog::warn("{}: running in skb mode, which is slower: {}", device.name, device.detour);
  else if (!link->fallback.empty())
    spdlog::warn("{}: native XDP was refused ({}); running in skb mode, which is slower", device.name,
                 link->fallback);
  return link;
}

// ---- use_vmac: frames for the virtual MACs come in, and what leaves carries them ----

void Attachments::settle_macs(const PlanList& plans) {
  const auto names = virtual_mac_interfaces(plans);
  const auto left = std::erase_if(mac_devices_, [&](const auto& entry) {
    const auto stays = names.find(entry.first);
    if (stays != names.end() && stays->second == entry.second.name)
      return false;
    virtual_macs_.release(entry.first);
    dataplane::detach_filters(entry.first);
    return true;
  });
  if (left > 0)
    data_plane_.retain_virtual_macs(names);
  std::map<std::uint32_t, std::set<Mac>> wanted;
  for (const auto* plan : plans) {
    if (plan->virtual_mac)
      wanted[plan->ifindex].insert(*plan->virtual_mac);
  }
  for (auto& [ifindex, macs] : wanted) {
    auto& device = mac_devices_[ifindex];
    device.name = names.at(ifindex);
    if (device.macs == macs)
      continue;
    virtual_macs_.release(ifindex, macs);
    device.macs = std::move(macs);
    give_macs(ifindex, device);
  }
}

/// Whether the device's problem has changed.
bool Attachments::give_macs(std::uint32_t ifindex, MacDevice& device) {
  return replace(device.problem, error_of(try_to_give_macs(ifindex, device)));
}

Status Attachments::try_to_give_macs(std::uint32_t ifindex, const MacDevice& device) {
  for (const auto& mac : device.macs) {
    if (auto status = virtual_macs_.add(ifindex, mac); !status)
      return std::move(status).error().in(device.name);
  }
  return data_plane_.attach_virtual_macs(ifindex, device.name, options_.allow_tcx);
}

// ---- multicast groups ----

void Attachments::settle_groups(const PlanList& plans) {
  std::map<std::uint32_t, Problem> wanted;
  for (const auto* plan : plans) {
    if (!plan->instance.unicast_peers.empty())
      continue;
    auto& problem = wanted[plan->ifindex];
    if (auto status = memberships_.join(plan->ifindex, vrrp_group(plan->instance.router.family)); !status)
      problem = std::move(status).error().in(plan->instance.interface);
  }
  for (const auto& [ifindex, problem] : groups_) {
    if (wanted.count(ifindex) == 0)
      memberships_.leave(ifindex);
  }
  groups_ = std::move(wanted);
}

} // namespace xvrrp::controller
