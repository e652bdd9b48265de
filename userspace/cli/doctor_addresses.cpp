// SPDX-License-Identifier: BSD-2-Clause
// Who else on the network has the virtual addresses.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/doctor.hpp"

namespace xvrrp::cli::doctor {
namespace {

using config::Instance;
using platform::Holder;
using platform::Interface;
using Mac = std::array<std::uint8_t, 6>;

/// Those of the instance's own interface: what has another device may be of any network.
std::set<IpAddress> addresses_of(const Instance& instance) {
  std::set<IpAddress> addresses;
  for (const auto& address : instance.addresses) {
    if (address.device.empty() || address.device == instance.interface)
      addresses.insert(address.prefix.address);
  }
  return addresses;
}

/// Unspecified: there is none that answers could come back to.
IpAddress link_local(const Interface& interface, const std::set<IpAddress>& virtual_addresses) {
  for (const auto& one : interface.addresses) {
    const auto& address = one.prefix.address;
    if (address.family() == Family::IPv6 && address.is_link_local() && !one.tentative &&
        virtual_addresses.count(address) == 0)
      return address;
  }
  return {};
}

/// Linux answers on each interface for the addresses of all (arp_ignore). A macvlan's MAC may be the virtual
/// one of RFC 9568 7.3, which other routers have, too.
bool is_ours(const Facts& facts, const Mac& mac) {
  return std::any_of(facts.interfaces.begin(), facts.interfaces.end(), [&](const auto& entry) {
    return entry.second.mac == mac && entry.second.kind != "macvlan";
  });
}

std::set<Mac> holders_of(const Facts& facts, const Instance& instance, const IpAddress& address) {
  std::set<Mac> macs;
  const auto interface = facts.interfaces.find(instance.interface);
  for (const auto& holder : facts.holders) {
    if (interface != facts.interfaces.end() && holder.ifindex == interface->second.index &&
        holder.address == address && !is_ours(facts, holder.mac))
      macs.insert(holder.mac);
  }
  return macs;
}

std::string text(const std::set<Mac>& macs) {
  std::string all;
  for (const auto& mac : macs)
    all += fmt::format("{}{:02x}", all.empty() ? "" : " and ", fmt::join(mac, ":"));
  return all;
}

/// A Backup's addresses are the Master's, and nobody else's.
void examine_instance(const Facts& facts, const Instance& instance, bool master, Findings& findings) {
  std::map<std::set<Mac>, std::string> held;
  for (const auto& address : addresses_of(instance)) {
    const auto macs = holders_of(facts, instance, address);
    if (macs.size() <= (master ? 0 : 1))
      continue;
    auto& addresses = held[macs];
    addresses += (addresses.empty() ? "" : ", ") + address.text();
  }
  for (const auto& [macs, addresses] : held)
    findings.push_back(
        {Code::duplicate_address, instance.name + " on " + instance.interface,
         fmt::format("{} {} for {}{}", text(macs), macs.size() == 1 ? "answers" : "answer", addresses,
                     master ? ", and we are Master" : "; a Master is one at most"),
         "find the host by its MAC address in the switch's table, and take the address from it"});
}

} // namespace

std::vector<platform::WhoHas> addresses_to_ask_for(const Facts& facts) {
  std::vector<platform::WhoHas> questions;
  const auto& instances = facts.configuration.configuration.instances;
  std::map<std::string, std::set<IpAddress>> by_interface;
  for (const auto& instance : instances)
    by_interface[instance.interface].merge(addresses_of(instance));
  for (const auto& [name, addresses] : by_interface) {
    const auto found = facts.interfaces.find(name);
    if (found == facts.interfaces.end() || !found->second.usable() || found->second.mac == Mac{})
      continue;
    const auto& interface = found->second;
    const auto source = link_local(interface, addresses);
    for (const auto& address : addresses) {
      if (address.family() == Family::IPv4 || source.family() == Family::IPv6)
        questions.push_back({interface.index, interface.mac, address, source});
    }
  }
  return questions;
}

const Json& status_of(const Facts& facts, const std::string& instance) {
  static const Json none;
  if (facts.status) {
    for (const auto& router : member(*facts.status, "instances")) {
      if (text_at(router, "name") == instance)
        return router;
    }
  }
  return none;
}

std::string holder_of_all(const Facts& facts, const std::string& name) {
  const auto& instances = facts.configuration.configuration.instances;
  const auto instance =
      std::find_if(instances.begin(), instances.end(), [&](const auto& one) { return one.name == name; });
  if (instance == instances.end())
    return {};
  std::optional<std::set<Mac>> all;
  for (const auto& address : addresses_of(*instance)) {
    auto macs = holders_of(facts, *instance, address);
    if (all)
      std::erase_if(macs, [&](const auto& mac) { return all->count(mac) == 0; });
    all = std::move(macs);
  }
  return all ? text(*all) : std::string{};
}

void examine_addresses(const Facts& facts, Findings& findings) {
  for (const auto& instance : facts.configuration.configuration.instances) {
    const bool told = std::any_of(findings.begin(), findings.end(), [&](const auto& finding) {
      return (finding.code == Code::unheard_master || finding.code == Code::second_master) &&
             finding.where.starts_with(instance.name + ",");
    });
    if (!told)
      examine_instance(facts, instance, text_at(status_of(facts, instance.name), "state") == "MASTER",
                       findings);
  }
}

} // namespace xvrrp::cli::doctor
