// SPDX-License-Identifier: BSD-2-Clause
// The configuration meets the machine: names become indexes, source addresses are found, frames and messages
// are built.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>
#include <xvrrp/base/route.hpp>

#include "config/model.hpp"
#include "controller/frames.hpp"
#include "dataplane/data_plane.hpp"
#include "election/plan.hpp"
#include "platform/addresses.hpp"
#include "platform/interfaces.hpp"
#include "platform/place.hpp"

namespace xvrrp::controller {

/// The interfaces of this network namespace, by index.
using InterfaceMap = std::map<std::uint32_t, platform::Interface>;
Result<InterfaceMap> read_interfaces();

/// A virtual address of a plan, and the interface that has it while we are Master.
struct PlannedAddress {
  platform::AddressSpec spec; ///< what we install
  std::string device;         ///< the name of its interface
  platform::Place place;      ///< where packets to the address arrive
  bool tracked = true;        ///< put back when somebody deletes it
  config::AnnouncementPace pace;
  /// Its number in the plan's batch; absent: it was there already, the operator's, and stays.
  std::optional<std::size_t> installed;

  const IpAddress& address() const { return spec.prefix.address; }
  std::uint32_t ifindex() const { return spec.ifindex; }
};

/// What the kernel is asked for; `address` is of the interface with that number.
platform::AddressSpec address_spec(std::uint32_t ifindex, const config::VirtualAddress& address);

/// The error is a sentence with the place in the configuration: there is no such interface.
Result<platform::Interface> require_interface(const std::string& name, const config::Location& where);
/// Whether the operator has configured the address; what an earlier xvrrpd left is ours.
bool carries(const platform::Interface& interface, const IpAddress& address);

/// Everything that one virtual router needs at run time, for the interfaces that there are: when one of them
/// comes back with another number, a new plan takes the old one's place.
struct RouterPlan : election::Plan {
  /// router.primary_address: as configured, or unspecified; what adverts have no room for is excluded.
  config::Instance instance;
  std::size_t left_out = 0;   ///< so many of the excluded ones are not as configured, but for want of room
  platform::Place place;      ///< where the data plane meets the interface's frames
  std::uint16_t list_sum = 0; ///< of the virtual addresses, as in struct xv_advert
  std::optional<Mac> virtual_mac; ///< use_vmac
  /// Those in adverts first.
  std::vector<PlannedAddress> addresses;
  std::vector<IpRoute> routes; ///< the instance's, for the devices that there are
  std::vector<IpRule> rules;
  platform::AddressBatch batch; ///< what we install and remove: addresses, routes and rules

  /// Whether an interface of this MTU has room for the same addresses in adverts.
  bool fits(std::uint32_t mtu) const;
  /// Leaves out of adverts what an interface of this MTU has no room for, and nothing else; the log says so.
  void fit(std::uint32_t mtu);
  /// The instance with nothing left out: what another plan is made of.
  config::Instance configured() const;

  bool uses(std::uint32_t interface) const;
  /// The same without addresses that are `no_track`, which may come and go with their interface.
  bool needs(std::uint32_t interface) const;
  /// Whether the configuration names the interface.
  bool wants(const std::string& interface) const;
  /// Whether the interfaces that it was made for are there, under the names that are configured.
  bool stands(const InterfaceMap& interfaces) const;
  /// Whether there are interfaces of the names that are configured.
  bool can_stand(const InterfaceMap& interfaces) const;
  /// Whether there is an interface, or another one, for an address that is `no_track`.
  bool is_outdated(const InterfaceMap& interfaces) const;
};

/// Plans that somebody else owns.
using PlanList = std::vector<const RouterPlan*>;
PlanList list_of(const std::vector<RouterPlan>& plans);

/// The plan of one virtual router, but for its lease's slot; errors as make_plans(). Addresses that are
/// `no_track` and have no interface are left out.
Result<RouterPlan> make_plan(const config::Instance& instance);

/// Conflict when the data plane could not tell the plan from one of the others: two VLAN devices, 802.1Q and
/// 802.1ad with one id.
Status check_key(const RouterPlan& plan, const PlanList& others);

/// Errors are sentences with the instance's name: no such interface, loopback, a key that another has. With
/// `wait_for_interfaces` a router whose interface is not there gets a plan that does not stand.
Result<std::vector<RouterPlan>> make_plans(const config::Configuration& configuration,
                                           bool wait_for_interfaces);

/// Whom the router's frames come from now; nobody when its interface is gone. `previous` is kept while the
/// interface has it, so that a new address changes nothing (RFC 9568 7.2). The source stays unspecified when
/// there is none: IPv4 wants an address that is not virtual, IPv6 a link-local one that has passed duplicate
/// address detection; an address owner may use a virtual one; a configured source must be on the interface.
/// `priority` is the effective one.
Sender find_sender(const RouterPlan& plan, const InterfaceMap& interfaces, const IpAddress& previous,
                   std::uint8_t priority);

/// Where the data plane looks for packets to the routers' virtual addresses.
std::vector<dataplane::GuardedAddress> guarded_addresses(const PlanList& plans);

/// The interfaces of the virtual addresses that are guarded on all others, too.
std::set<std::uint32_t> guarded_interfaces(const PlanList& plans);

/// The virtual MACs that frames arrive for.
std::vector<dataplane::GuardedMac> guarded_macs(const PlanList& plans);

/// The virtual router as the data plane knows it, with source address, priority and Preempt_Mode as they are
/// now.
xv_vr_config kernel_config(const RouterPlan& plan, const Sender& sender, bool preempt);

} // namespace xvrrp::controller
