// SPDX-License-Identifier: BSD-2-Clause
#include "controller/plan.hpp"

#include <algorithm>
#include <set>

#include "dataplane/data_plane.hpp"

namespace xvrrp::controller {
namespace {

std::string at(const config::Location& where) {
  return where.file + ":" + std::to_string(where.line);
}

Result<platform::Interface> require_interface(const std::string& name, const config::Location& where) {
  auto found = platform::find_interface(name);
  if (!found)
    return std::move(found).error();
  if (!*found)
    return failed(at(where) + ": there is no interface \"" + name + "\" in this network namespace");
  if ((*found)->loopback)
    return failed(at(where) + ": " + name + " is a loopback interface: VRRP needs neighbours");
  return **found;
}

bool is_virtual(const config::Instance& instance, const IpAddress& address) {
  return std::any_of(instance.addresses.begin(), instance.addresses.end(),
                     [&](const config::VirtualAddress& vip) { return vip.prefix.address == address; });
}

bool carries(const platform::Interface& interface, const IpAddress& address) {
  return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                     [&](const platform::InterfaceAddress& own) { return own.prefix.address == address; });
}

/// The source of our adverts: what the configuration says, else the first address that is not a virtual one
/// (an owner has no other: its virtual address is its own).
Result<IpAddress> primary_address(const config::Instance& instance, const platform::Interface& interface) {
  const auto& configured = instance.router.primary_address;
  if (!configured.is_unspecified()) {
    if (carries(interface, configured))
      return configured;
    return failed(at(instance.where) + ": " + instance.name + ": " + interface.name +
                  " does not have the address " + configured.text() +
                  " that unicast_src_ip or mcast_src_ip asks for");
  }
  const bool owner = instance.router.priority == core::kPriorityOwner;
  for (const auto& own : interface.addresses) {
    const auto& address = own.prefix.address;
    if (address.family() == instance.router.family && (owner || !is_virtual(instance, address)))
      return address;
  }
  return failed(at(instance.where) + ": " + instance.name + ": " + interface.name +
                " has no IPv4 address to send adverts from: give it one (ip address add ADDRESS/LENGTH dev " +
                interface.name + ")");
}

Status add_address(RouterPlan& plan, const platform::Interface& interface,
                   const config::VirtualAddress& vip) {
  platform::Interface device = interface;
  if (!vip.device.empty() && vip.device != interface.name) {
    auto other = require_interface(vip.device, vip.where);
    if (!other)
      return std::move(other).error();
    device = *other;
  }
  plan.announcements.push_back({device.index, build_announcement(device.mac, vip.prefix.address)});
  // An address that is there already was configured by the operator (an owner's): it is not ours to remove.
  if (!carries(device, vip.prefix.address))
    plan.specs.push_back({device.index, vip.prefix, vip.label, vip.broadcast, vip.scope});
  return Done{};
}

Result<RouterPlan> make_plan(const config::Instance& instance) {
  auto interface = require_interface(instance.interface, instance.where);
  if (!interface)
    return std::move(interface).error();
  auto source = primary_address(instance, *interface);
  if (!source)
    return std::move(source).error();

  RouterPlan plan;
  plan.instance = instance;
  plan.instance.router.primary_address = *source;
  plan.ifindex = interface->index;
  plan.interface_usable = interface->usable();
  plan.key = dataplane::vr_key(interface->index, instance.router.family, instance.router.vrid);
  plan.adverts = build_adverts(plan.instance, interface->mac, instance.router.priority);
  plan.resignations = build_adverts(plan.instance, interface->mac, core::kPriorityStopping);
  for (const auto& vip : instance.addresses) {
    if (auto status = add_address(plan, *interface, vip); !status)
      return std::move(status).error();
  }
  auto batch = platform::AddressBatch::build(plan.specs);
  if (!batch)
    return std::move(batch).error().in(instance.name);
  plan.addresses = *std::move(batch);
  return plan;
}

} // namespace

Result<std::vector<std::uint32_t>> used_interfaces(const config::Configuration& configuration) {
  std::set<std::uint32_t> indexes;
  for (const auto& instance : configuration.instances) {
    auto interface = require_interface(instance.interface, instance.where);
    if (!interface)
      return std::move(interface).error();
    indexes.insert(interface->index);
    for (const auto& vip : instance.addresses) {
      if (vip.device.empty())
        continue;
      auto device = require_interface(vip.device, vip.where);
      if (!device)
        return std::move(device).error();
      indexes.insert(device->index);
    }
  }
  return std::vector<std::uint32_t>{indexes.begin(), indexes.end()};
}

Result<std::vector<RouterPlan>> make_plans(const config::Configuration& configuration) {
  std::vector<RouterPlan> plans;
  for (const auto& instance : configuration.instances) {
    auto plan = make_plan(instance);
    if (!plan)
      return std::move(plan).error();
    plans.push_back(*std::move(plan));
  }
  return plans;
}

xv_vr_config kernel_config(const RouterPlan& plan, bool preempt) {
  const auto& router = plan.instance.router;
  xv_vr_config config{};
  config.advert_interval_ns = to_ns(router.advertisement_interval);
  config.flags = (preempt ? XV_VR_PREEMPT : 0u) | (plan.instance.unicast_peers.empty() ? 0u : XV_VR_UNICAST);
  config.interval_wire = interval_on_the_wire(router);
  config.version = static_cast<__u8>(router.version);
  config.priority = router.priority;
  config.down_adverts = router.down_adverts;
  if (plan.instance.authentication.type == config::AuthenticationType::Pass) {
    config.auth_type = XV_AUTH_PASS;
    std::copy(plan.instance.authentication.data.begin(), plan.instance.authentication.data.end(),
              config.auth_data);
  }
  const auto& source = router.primary_address.bytes();
  std::copy(source.begin(), source.end(), config.local_address);
  return config;
}

} // namespace xvrrp::controller
