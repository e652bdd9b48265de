// SPDX-License-Identifier: BSD-2-Clause
#include "config/validate.hpp"

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <xvrrp/abi/types.h>

#include "config/address_line.hpp"

namespace xvrrp::config {

void validate(Diagnostics& diagnostics, const std::vector<InstanceDraft>& drafts) {
  std::map<std::string, const Instance*> names;
  std::map<std::tuple<std::string, Family, std::uint8_t>, const Instance*> routers;
  for (const InstanceDraft& draft : drafts) {
    const Instance& instance = draft.instance;
    if (draft.block.has_arguments()) {
      const auto [first, inserted] = names.emplace(instance.name, &instance);
      if (!inserted)
        diagnostics.error(draft.block.argument(0).where,
                          "vrrp_instance " + quoted(instance.name) + " is given twice: first " +
                              place_text(first->second->where, draft.block.argument(0).where));
    }
    if (instance.interface.empty() || instance.router.vrid == 0 || !draft.family())
      continue;
    const auto [first, inserted] = routers.emplace(
        std::tuple{instance.interface, instance.router.family, instance.router.vrid}, &instance);
    if (!inserted)
      diagnostics.error(draft.given.at("virtual_router_id"),
                        "virtual_router_id " + std::to_string(instance.router.vrid) + " is taken on " +
                            instance.interface + ": by vrrp_instance " + quoted(first->second->name) + " " +
                            place_text(first->second->where, draft.given.at("virtual_router_id")));
  }
}

void validate_macs(Diagnostics& diagnostics, const std::vector<Instance>& instances) {
  std::map<std::pair<std::string, std::array<std::uint8_t, 6>>, const Instance*> macs;
  for (const Instance& instance : instances) {
    if (!instance.virtual_mac || !instance.virtual_mac->mac)
      continue;
    const auto [first, inserted] =
        macs.emplace(std::pair{instance.interface, *instance.virtual_mac->mac}, &instance);
    if (!inserted)
      diagnostics.error(instance.virtual_mac->where, "this MAC address is taken on " + instance.interface +
                                                         ": by vrrp_instance " + quoted(first->second->name) +
                                                         " at line " +
                                                         std::to_string(first->second->where.line));
  }
}

void validate_addresses(Diagnostics& diagnostics, const std::vector<Instance>& instances) {
  std::map<std::pair<IpAddress, std::string>, const Instance*> addresses;
  for (const Instance& instance : instances) {
    for (const VirtualAddress& address : instance.addresses) {
      const IpAddress& ip = address.prefix.address;
      const std::string& device = address.device.empty() ? instance.interface : address.device;
      const auto [first, inserted] =
          addresses.emplace(std::pair{ip, ip.is_link_local() ? device : ""}, &instance);
      const Instance& other = *first->second;
      // The same virtual router twice was reported already.
      if (!inserted && (other.interface != instance.interface || other.router.vrid != instance.router.vrid))
        diagnostics.warning(address.where, "virtual address " + ip.text() + " is that of vrrp_instance " +
                                               quoted(other.name) + " too " +
                                               place_text(other.where, address.where) +
                                               ": two Masters may answer for it");
    }
  }
}

void validate_static_addresses(Diagnostics& diagnostics, const std::vector<VirtualAddress>& addresses,
                               const std::vector<Instance>& instances) {
  check_given_once(diagnostics, addresses, "", "static address");
  std::map<std::pair<std::string_view, IpAddress>, const Instance*> known;
  for (const Instance& instance : instances) {
    for (const VirtualAddress& address : instance.addresses)
      known.emplace(std::pair{std::string_view{address.device.empty() ? instance.interface : address.device},
                              address.prefix.address},
                    &instance);
  }
  for (const VirtualAddress& address : addresses) {
    const auto found = known.find(std::pair{std::string_view{address.device}, address.prefix.address});
    if (found != known.end())
      diagnostics.error(address.where, "static address " + address.prefix.address.text() +
                                           " is a virtual address of vrrp_instance " +
                                           quoted(found->second->name) + ", which only its Master has");
  }
}

namespace {

/// Counts what has an entry of its own in a map of the kernel's, and reports the first that has no room.
class Room {
public:
  Room(Diagnostics& diagnostics, std::size_t most, std::string what)
      : diagnostics_(diagnostics), most_(most), what_(std::move(what)) {}

  void take(const Location& where) {
    if (++taken_ == most_ + 1)
      diagnostics_.error(where, "the data plane has room for " + std::to_string(most_) + " " + what_ +
                                    ": this is one more");
  }

private:
  Diagnostics& diagnostics_;
  std::size_t most_;
  std::string what_;
  std::size_t taken_ = 0;
};

} // namespace

void validate_room(Diagnostics& diagnostics, const std::vector<Instance>& instances) {
  Room routers{diagnostics, XV_MAX_VRS, "virtual routers"};
  Room interfaces{diagnostics, XV_MAX_INTERFACES, "interfaces"};
  Room addresses{diagnostics, XV_MAX_VIPS, "virtual addresses"};
  Room peers{diagnostics, XV_MAX_PEERS, "unicast peers"};
  std::set<std::string_view> known_interfaces;
  std::set<std::pair<std::string_view, IpAddress>> known_addresses;
  const auto take_interface = [&](std::string_view name, const Location& where) {
    if (known_interfaces.insert(name).second)
      interfaces.take(where);
  };
  for (const Instance& instance : instances) {
    routers.take(instance.where);
    take_interface(instance.interface, instance.where);
    for (const VirtualAddress& address : instance.addresses) {
      const std::string_view device = address.device.empty() ? instance.interface : address.device;
      take_interface(device, address.where);
      // A multicast address is not guarded.
      if (!address.prefix.address.is_multicast() &&
          known_addresses.emplace(device, address.prefix.address).second)
        addresses.take(address.where);
    }
    for (std::size_t peer = 0; peer < instance.unicast_peers.size(); ++peer)
      peers.take(instance.where);
  }
}

} // namespace xvrrp::config
