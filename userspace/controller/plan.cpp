// SPDX-License-Identifier: BSD-2-Clause
#include "controller/plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <spdlog/spdlog.h>
#include <xvrrp/wire/advert.h>

#include "controller/route_plan.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::controller {
namespace {

/// The successor's gratuitous ARP follows its first advert at once; then hosts have learned its MAC. A
/// virtual MAC is learned by switches, from that advert: what still came here would not reach it.
constexpr Nanoseconds kReleaseDelay = std::chrono::milliseconds{10};

std::string at(const config::Location& where) {
  return where.file + ":" + std::to_string(where.line);
}

bool is_virtual(const config::Instance& instance, const IpAddress& address) {
  return std::any_of(instance.addresses.begin(), instance.addresses.end(),
                     [&](const config::VirtualAddress& vip) { return vip.prefix.address == address; });
}

/// Whether adverts may come from `own`; over IPv6 from a link-local address only (RFC 9568 5.1.2.1).
bool is_candidate(const config::Instance& instance, const platform::InterfaceAddress& own) {
  const auto& address = own.prefix.address;
  const bool owner = instance.router.priority == core::kPriorityOwner;
  return address.family() == instance.router.family && !own.tentative &&
         (address.family() == Family::IPv4 || address.is_link_local()) &&
         (owner || !is_virtual(instance, address));
}

IpAddress find_source(const config::Instance& instance, const platform::Interface& interface,
                      const IpAddress& previous) {
  const auto& configured = instance.router.primary_address;
  const auto& own = interface.addresses;
  const auto has = [&](const IpAddress& address) {
    return std::any_of(own.begin(), own.end(), [&](const platform::InterfaceAddress& candidate) {
      return candidate.prefix.address == address && !candidate.tentative;
    });
  };
  if (!configured.is_unspecified())
    return has(configured) ? configured : IpAddress{};
  if (!previous.is_unspecified() && has(previous))
    return previous;
  const auto found = std::find_if(own.begin(), own.end(),
                                  [&](const auto& address) { return is_candidate(instance, address); });
  return found == own.end() ? IpAddress{} : found->prefix.address;
}

Result<platform::Interface> require_vrrp_interface(const std::string& name, const config::Location& where) {
  auto interface = require_interface(name, where);
  if (interface && interface->loopback)
    return failed(at(where) + ": " + name + " is a loopback interface: VRRP needs neighbours");
  return interface;
}

Status add_address(RouterPlan& plan, std::vector<platform::AddressSpec>& installed,
                   const platform::Interface& interface, const config::VirtualAddress& vip) {
  platform::Interface device = interface;
  if (!vip.device.empty() && vip.device != interface.name) {
    if (const auto found = platform::find_interface(vip.device); !vip.tracked && found && !*found)
      return Done{};
    auto other = require_vrrp_interface(vip.device, vip.where);
    if (!other)
      return std::move(other).error();
    device = *other;
  }
  // An address that is there already was configured by the operator (an owner's): it is not ours to remove.
  const bool ours = !carries(device, vip.prefix.address);
  auto place = device.index == plan.ifindex ? Result<platform::Place>{plan.place} : find_place(device);
  if (!place)
    return std::move(place).error().in(vip.device);
  PlannedAddress planned{
      address_spec(device.index, vip), device.name, *std::move(place), vip.tracked, vip.pace, {}};
  if (ours) {
    planned.installed = installed.size();
    installed.push_back(planned.spec);
  }
  plan.addresses.push_back(std::move(planned));
  return Done{};
}

Status add_routes(RouterPlan& plan) {
  const auto& instance = plan.instance;
  if (instance.routes.empty() && instance.rules.empty())
    return Done{};
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return interfaces.error();
  for (const auto& route : instance.routes) {
    auto resolved = resolve(route, *interfaces);
    if (!resolved)
      return std::move(resolved).error();
    plan.routes.push_back(*std::move(resolved));
  }
  for (const auto& rule : instance.rules) {
    auto resolved = resolve(rule, *interfaces);
    if (!resolved)
      return std::move(resolved).error();
    plan.rules.push_back(*std::move(resolved));
  }
  return Done{};
}

std::uint16_t sum_of_list(const config::Instance& instance) {
  const auto list = address_list(instance);
  return xv_normal_sum(
      xv_sum_bytes({list.data(), list.data() + list.size()}, static_cast<__u32>(list.size())));
}

/// RFC 9568 7.3, unless configured otherwise.
std::optional<Mac> virtual_mac(const config::Instance& instance) {
  if (!instance.virtual_mac)
    return std::nullopt;
  const std::uint8_t family = instance.router.family == Family::IPv4 ? 1 : 2;
  return instance.virtual_mac->mac.value_or(Mac{0x00, 0x00, 0x5e, 0x00, family, instance.router.vrid});
}

/// Whether adverts carry the virtual MAC. Those to unicast peers are routed, and leave with the device's.
bool advertises_virtual_mac(const RouterPlan& plan) {
  return plan.virtual_mac && !plan.instance.virtual_mac->adverts_from_device &&
         plan.instance.unicast_peers.empty();
}

/// Addresses on other interfaces are announced and answered for with those interfaces' own MAC, as keepalived
/// does unless use_vmac_addr is set.
bool has_virtual_mac(const RouterPlan& plan, const PlannedAddress& planned) {
  return plan.virtual_mac && planned.ifindex() == plan.ifindex;
}

/// RFC 9568 6.4.3: the address owner accepts whatever Accept_Mode says.
bool accepts(const RouterPlan& plan) {
  return plan.instance.accept || plan.instance.router.priority == core::kPriorityOwner;
}

/// Whether packets to the address may have to be refused, on interfaces that do not have it: the kernel takes
/// them there (weak_host.h), unless they are to a link-local IPv6 address.
bool is_guarded_elsewhere(const RouterPlan& plan, const PlannedAddress& planned) {
  const auto& address = planned.address();
  const bool stays_on_link = address.family() == Family::IPv6 && address.is_link_local();
  const bool may_be_fenced = planned.installed && plan.lease != Nanoseconds::zero();
  return !address.is_multicast() && !stays_on_link && (may_be_fenced || !accepts(plan));
}

/// How many of the addresses that the configuration wants in adverts have no room there.
std::size_t without_room(const RouterPlan& plan, std::uint32_t mtu) {
  const auto& instance = plan.instance;
  const bool ipv4 = instance.router.family == Family::IPv4;
  const auto bytes = [&](std::size_t count) {
    const auto version = ipv4 ? core::Version::V2 : core::Version::V3; // whose adverts over IPv4 are longer
    return (ipv4 ? 20u : 40u) +
           xv_message_bytes(static_cast<__u8>(version), ipv4 ? 4 : 6, static_cast<__u8>(count));
  };
  const auto wanted = instance.advertised().size() + plan.left_out;
  auto count = wanted;
  while (count > 1 && bytes(count) > mtu)
    --count;
  return wanted - count;
}

std::string names(std::span<const config::VirtualAddress> addresses) {
  constexpr std::size_t kNamed = 5;
  std::string text;
  for (const auto& address : addresses.first(std::min(addresses.size(), kNamed)))
    text += (text.empty() ? "" : ", ") + address.prefix.address.text();
  return text + (addresses.size() > kNamed ? ", ..." : "");
}

/// The router waits in FAULT until its interface is there.
RouterPlan plan_without_interface(const config::Instance& instance) {
  RouterPlan plan;
  plan.instance = instance;
  plan.key = dataplane::vr_key(xv_if_key{}, instance.router.family, instance.router.vrid);
  return plan;
}

const std::string& device_of(const config::Instance& instance, const config::VirtualAddress& vip) {
  return vip.device.empty() ? instance.interface : vip.device;
}

/// The names of all interfaces that the configuration cannot do without.
std::set<std::string> needed_interfaces(const config::Instance& instance) {
  std::set<std::string> names{instance.interface};
  const auto add = [&](const std::vector<std::string>& more) { names.insert(more.begin(), more.end()); };
  for (const auto& vip : instance.addresses) {
    if (vip.tracked)
      names.insert(device_of(instance, vip));
  }
  for (const auto& route : instance.routes)
    add(device_names(route));
  for (const auto& rule : instance.rules)
    add(device_names(rule));
  return names;
}

/// 0: there is none.
std::uint32_t index_of(const std::string& name, const InterfaceMap& interfaces) {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const auto& entry) { return entry.second.name == name; });
  return found == interfaces.end() ? 0 : found->first;
}

bool need_device(const std::vector<IpRoute>& routes, std::uint32_t interface) {
  return std::any_of(routes.begin(), routes.end(), [&](const IpRoute& route) {
    return std::any_of(route.hops.begin(), route.hops.end(),
                       [&](const NextHop& hop) { return hop.device.index == interface; });
  });
}

bool is_named(const InterfaceMap& interfaces, std::uint32_t ifindex, const std::string& name) {
  const auto found = interfaces.find(ifindex);
  return found != interfaces.end() && found->second.name == name;
}

} // namespace

Result<platform::Interface> require_interface(const std::string& name, const config::Location& where) {
  auto found = platform::find_interface(name);
  if (!found)
    return std::move(found).error();
  if (!*found)
    return failed(at(where) + ": there is no interface \"" + name + "\" in this network namespace");
  return **found;
}

bool carries(const platform::Interface& interface, const IpAddress& address) {
  return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                     [&](const platform::InterfaceAddress& own) { // What an earlier xvrrpd left is ours.
                       return own.prefix.address == address && own.protocol != platform::kAddressProtocol;
                     });
}

platform::AddressSpec address_spec(std::uint32_t ifindex, const config::VirtualAddress& address) {
  return {ifindex,
          address.prefix,
          address.label,
          address.broadcast,
          address.scope,
          address.peer,
          address.flags,
          address.detects_duplicates,
          address.preferred_lifetime};
}

Result<RouterPlan> make_plan(const config::Instance& instance) {
  auto interface = require_vrrp_interface(instance.interface, instance.where);
  if (!interface)
    return std::move(interface).error();

  RouterPlan plan;
  plan.instance = instance;
  plan.ifindex = interface->index;
  auto place = find_place(*interface);
  if (!place)
    return std::move(place).error().in(instance.name);
  plan.place = *std::move(place);
  plan.key = dataplane::vr_key(if_key(plan.place), instance.router.family, instance.router.vrid);
  plan.fit(interface->mtu);
  plan.virtual_mac = virtual_mac(instance);
  if (!plan.virtual_mac)
    plan.instance.router.release_delay = kReleaseDelay;
  plan.lease = instance.lease.value_or(election::default_lease(instance.router));
  std::vector<platform::AddressSpec> installed;
  for (const auto& vip : instance.addresses) {
    if (auto status = add_address(plan, installed, *interface, vip); !status)
      return std::move(status).error();
  }
  if (auto status = add_routes(plan); !status)
    return std::move(status).error();
  auto batch = platform::AddressBatch::build(installed, plan.routes, plan.rules);
  if (!batch)
    return std::move(batch).error().in(instance.name);
  plan.batch = *std::move(batch);
  return plan;
}

Status check_key(const RouterPlan& plan, const PlanList& others) {
  for (const auto* other : others) {
    if (plan.ifindex != 0 && dataplane::same_key(other->key, plan.key))
      return Error{ErrorKind::Conflict,
                   at(plan.instance.where) + ": the VRID of " + plan.instance.name + " is that of " +
                       other->instance.name + ", and the data plane cannot tell " + plan.instance.interface +
                       " from " + other->instance.interface +
                       " (an 802.1Q and an 802.1ad VLAN with one id): choose another VRID"};
  }
  return Done{};
}

Result<std::vector<RouterPlan>> make_plans(const config::Configuration& configuration,
                                           bool wait_for_interfaces) {
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return interfaces.error();
  std::vector<RouterPlan> plans;
  for (const auto& instance : configuration.instances) {
    auto waiting = plan_without_interface(instance);
    auto plan = wait_for_interfaces && !waiting.can_stand(*interfaces) ? Result{std::move(waiting)}
                                                                       : make_plan(instance);
    if (!plan)
      return std::move(plan).error();
    if (auto status = check_key(*plan, list_of(plans)); !status)
      return std::move(status).error();
    plan->lease_slot = static_cast<std::uint32_t>(plans.size());
    plans.push_back(*std::move(plan));
  }
  return plans;
}

PlanList list_of(const std::vector<RouterPlan>& plans) {
  PlanList list;
  for (const auto& plan : plans)
    list.push_back(&plan);
  return list;
}

bool RouterPlan::fits(std::uint32_t mtu) const {
  return without_room(*this, mtu) == left_out;
}

/// What an advert has no room for goes without, as in keepalived.
void RouterPlan::fit(std::uint32_t mtu) {
  const auto before = std::exchange(left_out, without_room(*this, mtu));
  instance.excluded += left_out - before;
  list_sum = sum_of_list(instance);
  const auto advertised = instance.advertised();
  if (left_out > 0)
    spdlog::warn("{}: adverts on {} hold {} of its {} virtual addresses (its MTU is {}): the others ({}) are "
                 "treated as virtual_ipaddress_excluded",
                 instance.name, instance.interface, advertised.size(), advertised.size() + left_out, mtu,
                 names(std::span{instance.addresses}.subspan(advertised.size(), left_out)));
  else if (before > 0)
    spdlog::info("{}: adverts on {} hold all of its {} virtual addresses again (its MTU is {})",
                 instance.name, instance.interface, advertised.size(), mtu);
}

config::Instance RouterPlan::configured() const {
  auto configured = instance;
  configured.excluded -= left_out;
  return configured;
}

bool RouterPlan::uses(std::uint32_t interface) const {
  return ifindex == interface ||
         std::any_of(addresses.begin(), addresses.end(),
                     [&](const PlannedAddress& planned) { return planned.ifindex() == interface; }) ||
         need_device(routes, interface);
}

bool RouterPlan::needs(std::uint32_t interface) const {
  return ifindex == interface ||
         std::any_of(addresses.begin(), addresses.end(),
                     [&](const PlannedAddress& planned) {
                       return planned.tracked && planned.ifindex() == interface;
                     }) ||
         need_device(routes, interface);
}

bool RouterPlan::wants(const std::string& interface) const {
  return needed_interfaces(instance).count(interface) > 0 ||
         std::any_of(
             instance.addresses.begin(), instance.addresses.end(),
             [&](const config::VirtualAddress& vip) { return device_of(instance, vip) == interface; });
}

bool RouterPlan::stands(const InterfaceMap& interfaces) const {
  if (!can_stand(interfaces) || !is_named(interfaces, ifindex, instance.interface) ||
      !is_named(interfaces, place.ifindex, place.device))
    return false;
  return std::all_of(addresses.begin(), addresses.end(),
                     [&](const PlannedAddress& planned) {
                       return !planned.tracked ||
                              (is_named(interfaces, planned.ifindex(), planned.device) &&
                               is_named(interfaces, planned.place.ifindex, planned.place.device));
                     }) &&
         std::all_of(routes.begin(), routes.end(),
                     [&](const IpRoute& route) { return controller::stands(route, interfaces); });
}

bool RouterPlan::can_stand(const InterfaceMap& interfaces) const {
  const auto names = needed_interfaces(instance);
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return index_of(name, interfaces) != 0; });
}

bool RouterPlan::is_outdated(const InterfaceMap& interfaces) const {
  return std::any_of(instance.addresses.begin(), instance.addresses.end(), [&](const auto& vip) {
    const auto index = vip.tracked ? 0 : index_of(device_of(instance, vip), interfaces);
    return index != 0 && std::none_of(addresses.begin(), addresses.end(), [&](const PlannedAddress& planned) {
             return planned.ifindex() == index && planned.spec.prefix == vip.prefix;
           });
  });
}

Result<InterfaceMap> read_interfaces() {
  auto all = platform::interfaces();
  if (!all)
    return std::move(all).error();
  InterfaceMap map;
  for (auto& interface : *all)
    map.emplace(interface.index, std::move(interface));
  return map;
}

Sender find_sender(const RouterPlan& plan, const InterfaceMap& interfaces, const IpAddress& previous,
                   std::uint8_t priority) {
  const auto interface = interfaces.find(plan.ifindex);
  if (interface == interfaces.end())
    return {{}, {}, {}, priority, {}};
  const Mac& own = interface->second.mac;
  Sender sender{find_source(plan.instance, interface->second, previous), own, own, priority, {}};
  if (advertises_virtual_mac(plan))
    sender.mac = *plan.virtual_mac;
  for (const auto& planned : plan.addresses) {
    const auto device = interfaces.find(planned.ifindex());
    const Mac mac = device == interfaces.end() ? Mac{} : device->second.mac;
    const bool is_virtual = has_virtual_mac(plan, planned);
    sender.addresses.push_back({planned.ifindex(), is_virtual ? *plan.virtual_mac : mac, planned.address(),
                                planned.pace, is_virtual});
  }
  return sender;
}

std::vector<dataplane::GuardedAddress> guarded_addresses(const PlanList& plans) {
  std::vector<dataplane::GuardedAddress> all;
  // On the other interfaces; none for an address of several routers, in several VRFs: of which would it be?
  std::map<IpAddress, std::optional<dataplane::GuardedAddress>> elsewhere;
  for (const auto* plan : plans) {
    for (const auto& planned : plan->addresses) {
      if (planned.address().is_multicast())
        continue; // others may have joined the group for themselves
      dataplane::GuardedAddress guarded;
      guarded.key.ifindex = planned.place.ifindex;
      guarded.key.vlan = planned.place.vlan;
      guarded.key.inner_vlan = planned.place.inner_vlan;
      guarded.key.family = static_cast<__u8>(planned.address().family());
      std::copy(planned.address().bytes().begin(), planned.address().bytes().end(), guarded.key.address);
      guarded.value.vr = plan->key;
      guarded.value.flags = (planned.installed ? XV_VIP_INSTALLED : 0u) |
                            (accepts(*plan) ? 0u : XV_VIP_NO_ACCEPT) |
                            (has_virtual_mac(*plan, planned) ? XV_VIP_VMAC : 0u);
      all.push_back(guarded);
      guarded.key.vlan = guarded.key.inner_vlan = 0;
      if (planned.place.tagged()) {
        guarded.key.ifindex = planned.ifindex(); // packets that leave through the VLAN device
        all.push_back(guarded);
      }
      if (!is_guarded_elsewhere(*plan, planned))
        continue;
      guarded.key.ifindex = 0;
      auto& known = elsewhere.try_emplace(planned.address(), guarded).first->second;
      if (known && dataplane::same_key(known->value.vr, guarded.value.vr))
        known = guarded; // its newer plan, while it gets one
      else
        known.reset();
    }
  }
  for (const auto& [address, guarded] : elsewhere) {
    if (guarded)
      all.push_back(*guarded);
  }
  return all;
}

std::set<std::uint32_t> guarded_interfaces(const PlanList& plans) {
  std::set<std::uint32_t> interfaces;
  for (const auto* plan : plans) {
    for (const auto& planned : plan->addresses) {
      if (is_guarded_elsewhere(*plan, planned))
        interfaces.insert(planned.ifindex());
    }
  }
  return interfaces;
}

std::vector<dataplane::GuardedMac> guarded_macs(const PlanList& plans) {
  std::vector<dataplane::GuardedMac> all;
  for (const auto* plan : plans) {
    if (!plan->virtual_mac)
      continue;
    dataplane::GuardedMac guarded;
    guarded.key.ifindex = plan->place.ifindex;
    guarded.key.vlan = plan->place.vlan;
    guarded.key.inner_vlan = plan->place.inner_vlan;
    std::copy(plan->virtual_mac->begin(), plan->virtual_mac->end(), guarded.key.mac);
    guarded.value.vr = plan->key;
    all.push_back(guarded);
    if (!plan->place.tagged())
      continue;
    guarded.key.ifindex = plan->ifindex; // frames that arrive at the VLAN device
    guarded.key.vlan = guarded.key.inner_vlan = 0;
    all.push_back(guarded);
  }
  return all;
}

xv_vr_config kernel_config(const RouterPlan& plan, const Sender& sender, bool preempt) {
  const auto& router = plan.instance.router;
  xv_vr_config config{};
  config.advert_interval_ns = to_ns(router.advertisement_interval);
  const auto flag = [](bool set, std::uint32_t bit) { return set ? bit : 0u; };
  config.flags = flag(preempt, XV_VR_PREEMPT) | flag(!plan.instance.unicast_peers.empty(), XV_VR_UNICAST) |
                 flag(router.v2_interop, XV_VR_V2_INTEROP) |
                 flag(router.owner_ignores_adverts, XV_VR_OWNER_IGNORES) |
                 flag(plan.instance.strict_addresses, XV_VR_STRICT_ADDRESSES);
  config.interval_wire = interval_on_the_wire(router.version, router.advertisement_interval);
  config.version = static_cast<__u8>(router.version);
  config.priority = sender.priority;
  config.down_adverts = router.down_adverts;
  config.lease_slot = plan.lease_slot;
  if (plan.virtual_mac)
    std::copy(plan.virtual_mac->begin(), plan.virtual_mac->end(), config.mac);
  std::copy(sender.device_mac.begin(), sender.device_mac.end(), config.device_mac);
  config.list_sum = plan.list_sum;
  config.count = static_cast<__u8>(plan.instance.advertised().size());
  if (plan.instance.authentication.type == config::AuthenticationType::Pass) {
    config.auth_type = XV_AUTH_PASS;
    std::copy(plan.instance.authentication.data.begin(), plan.instance.authentication.data.end(),
              config.auth_data);
  }
  std::copy(sender.source.bytes().begin(), sender.source.bytes().end(), config.local_address);
  return config;
}

} // namespace xvrrp::controller
