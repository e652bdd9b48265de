// SPDX-License-Identifier: BSD-2-Clause
// Whether the interfaces that the configuration names can do what it wants of them.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "cli/doctor.hpp"
#include "platform/place.hpp"
#include "platform/sysctl.hpp"

namespace xvrrp::cli::doctor {
namespace {

using config::Instance;
using platform::Interface;

std::string about(const Instance& instance) {
  return instance.name + " on " + instance.interface;
}

bool has_source(const Instance& instance, const Interface& interface) {
  const auto family = instance.router.family;
  return std::any_of(interface.addresses.begin(), interface.addresses.end(), [&](const auto& one) {
    return one.prefix.address.family() == family &&
           (family == Family::IPv4 || one.prefix.address.is_link_local());
  });
}

/// Of its adverts, as IP packets.
std::size_t advert_size(const Instance& instance) {
  constexpr std::size_t kVrrpHeader = 8;
  constexpr std::size_t kAuthentication = 8;
  const bool ipv4 = instance.router.family == Family::IPv4;
  const std::size_t each = ipv4 ? 4 : 16;
  return (ipv4 ? 20 : 40) + kVrrpHeader + each * instance.advertised().size() +
         (instance.router.version == core::Version::V2 ? kAuthentication : 0);
}

void examine_link(const Instance& instance, const Facts& facts, Findings& findings) {
  const auto where = about(instance);
  const auto found = facts.interfaces.find(instance.interface);
  if (found == facts.interfaces.end()) {
    findings.push_back({Code::interface_missing, where,
                        "there is no such interface in this network namespace",
                        "ip -br link; then correct `interface` in " + facts.file});
    return;
  }
  const auto& interface = found->second;
  if (!interface.admin_up)
    findings.push_back({Code::interface_down, where, "the interface is down",
                        fmt::format("ip link set {} up", interface.name)});
  else if (!interface.carrier)
    findings.push_back({Code::no_carrier, where, "the interface has no carrier: cable, switch port, bond",
                        fmt::format("ip -d link show {}; ethtool {}", interface.name, interface.name)});
  if (instance.router.primary_address.is_unspecified() && !has_source(instance, interface))
    findings.push_back({Code::no_address, where,
                        instance.router.family == Family::IPv4
                            ? "the interface has no IPv4 address to send adverts from"
                            : "the interface has no link-local address to send from",
                        instance.router.family == Family::IPv4
                            ? fmt::format("ip address add ADDRESS/LENGTH dev {}", interface.name)
                            : fmt::format("sysctl -w net.ipv6.conf.{}.disable_ipv6=0", interface.name)});
  if (const auto size = advert_size(instance); size > interface.mtu)
    findings.push_back({Code::mtu_small, where,
                        fmt::format("an advert with {} addresses takes {} bytes, the MTU is {}",
                                    instance.advertised().size(), size, interface.mtu),
                        fmt::format("ip link set {} mtu {}, or move addresses to virtual_ipaddress_excluded",
                                    interface.name, size)});
}

void examine_vlans(const Instance& instance, const Facts& facts, Findings& findings) {
  const auto found = facts.interfaces.find(instance.interface);
  if (found == facts.interfaces.end())
    return;
  const auto tags_off = platform::takes_tags_off(instance.interface);
  if (auto finding = other_vlans(about(instance), found->second, facts.interfaces, tags_off && *tags_off))
    findings.push_back(*std::move(finding));
}

/// Only virtual_nat says for certain that the host is to forward: many virtual addresses are of a service.
void examine_forwarding(const Instance& instance, const Facts& facts, Findings& findings) {
  if (instance.nat.empty())
    return;
  std::set<std::string> devices{instance.interface};
  for (const auto& rule : instance.nat)
    devices.insert({rule.iif, rule.oif}); // an empty one is no interface's name
  const auto family = instance.router.family;
  for (const auto& device : devices) {
    const auto forwarding = platform::ip_setting(family, device, "forwarding");
    if (facts.interfaces.count(device) > 0 && forwarding && *forwarding == "0")
      findings.push_back(
          {Code::forwarding_off, device,
           fmt::format("{} has virtual_nat, and the kernel does not forward what comes in here",
                       instance.name),
           family == Family::IPv4 ? "sysctl -w net.ipv4.ip_forward=1"
                                  : "sysctl -w net.ipv6.conf.all.forwarding=1"});
  }
}

/// The stricter of the two counts (ip-sysctl).
int rp_filter(const std::string& device) {
  int strictest = 0;
  bool loose = false;
  for (const auto& scope : {std::string{"all"}, device}) {
    const auto value = platform::ip_setting(Family::IPv4, scope, "rp_filter");
    loose = loose || (value && *value == "2");
    strictest = value && *value == "1" ? 1 : strictest;
  }
  return loose ? 2 : strictest;
}

/// Adverts are judged before the filter. It bites where answers may come in by another way than the route
/// back goes out: with NAT over several interfaces.
void examine_rp_filter(const Instance& instance, const Facts& /*facts*/, Findings& findings) {
  std::set<std::string> devices;
  for (const auto& rule : instance.nat) {
    if (!rule.oif.empty())
      devices.insert(rule.oif);
  }
  if (devices.size() < 2 || instance.router.family != Family::IPv4)
    return;
  for (const auto& device : devices) {
    if (rp_filter(device) == 1)
      findings.push_back(
          {Code::rp_filter_strict, device,
           fmt::format("{} translates to several interfaces, and answers that come in here are dropped "
                       "unless the route to their sender goes out here",
                       instance.name),
           fmt::format("sysctl -w net.ipv4.conf.{}.rp_filter=2", device)});
  }
}

} // namespace

std::optional<Finding> other_vlans(const std::string& where, const Interface& device,
                                   const std::map<std::string, Interface>& interfaces, bool takes_tags_off) {
  if (device.is_vlan() || !takes_tags_off)
    return std::nullopt;
  const auto vlan = std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& entry) {
    const auto& one = entry.second;
    return one.is_vlan() && one.lower == device.index && !one.lower_elsewhere;
  });
  if (vlan == interfaces.end())
    return std::nullopt;
  return Finding{
      Code::vlan_tags_off, where,
      fmt::format("{} takes VLAN tags off before XDP sees them, and has VLANs ({}): adverts from any "
                  "VLAN count for this router",
                  device.name, vlan->first),
      fmt::format("ethtool -K {} rxvlan off", device.name)};
}

void examine_interfaces(const Facts& facts, Findings& findings) {
  for (const auto& instance : facts.configuration.configuration.instances) {
    for (const auto examine : {examine_link, examine_vlans, examine_forwarding, examine_rp_filter})
      examine(instance, facts, findings);
  }
}

} // namespace xvrrp::cli::doctor
