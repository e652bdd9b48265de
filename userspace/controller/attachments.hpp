// SPDX-License-Identifier: BSD-2-Clause
// What the virtual routers have at the machine's devices: XDP and TC programs, receive filters, multicast
// groups.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <xvrrp/base/result.hpp>

#include "controller/host_guard.hpp"
#include "controller/inventory.hpp"
#include "controller/plan.hpp"
#include "dataplane/data_plane.hpp"
#include "platform/multicast.hpp"
#include "platform/unicast_filter.hpp"

namespace xvrrp::controller {

struct AttachmentOptions {
  dataplane::WantedMode mode = dataplane::WantedMode::Auto;
  bool pass_unknown_vrid = false;
  bool allow_tcx = true; ///< else the TC programs are filters of clsact
};

/// Brings the devices to what the plans want, and keeps them there. What fails on one device is a problem of
/// the routers there, and of no others. The destructor takes filters, MACs and groups away; XDP and tcx links
/// stay, for they are pinned and the data plane's. Manager thread.
class Attachments {
public:
  /// `data_plane` and `inventory` outlive the object.
  Attachments(dataplane::DataPlane& data_plane, Inventory& inventory, AttachmentOptions options)
      : data_plane_(data_plane), inventory_(inventory), options_(options),
        host_guard_(data_plane, options.allow_tcx) {}
  Attachments(const Attachments&) = delete;
  Attachments& operator=(const Attachments&) = delete;
  ~Attachments();

  /// Makes the devices carry what these plans want and no more; what is there already is not touched. What
  /// the plans may install is noted in the inventory, before anybody can. Then problem() tells what did not
  /// work. The error is one of the data plane as a whole.
  Status settle(const PlanList& plans);
  /// Puts back what somebody took away, and tries again what did not work: some system calls per device. True
  /// when problem() has changed for some router.
  bool repair();
  /// Interfaces came, went or were renamed, perhaps none of a plan: the next repair() looks at all of them.
  void expect_other_interfaces() { host_guard_.expect_others(); }

  /// What the router lacks on its devices; absent: nothing.
  std::optional<Error> problem(const RouterPlan& plan) const;
  /// The interfaces, by name, where addresses of others are not guarded, and why.
  const std::map<std::string, std::string>& unguarded() const { return host_guard_.problems(); }
  /// The program on a device; null: none.
  const dataplane::XdpLink* find(std::uint32_t ifindex) const;

private:
  using Problem = std::optional<Error>;
  /// A device that carries the receive program.
  struct Device {
    std::string name;
    std::string detour; ///< as Place::detour
    /// Policies: untagged frames always have one. With the interfaces' names.
    std::map<std::pair<std::uint16_t, std::uint16_t>, std::pair<std::string, xv_if_policy>> policies;
    bool needed = false; ///< adverts arrive here, not only packets to virtual addresses
    dataplane::XdpLink link;
    Problem problem;
  };
  /// An interface whose routers have virtual MACs.
  struct MacDevice {
    std::string name;
    std::set<Mac> macs;
    Problem problem;
  };

  std::map<std::uint32_t, Device> wanted_devices(const PlanList& plans) const;
  void settle_devices(std::map<std::uint32_t, Device> wanted);
  void settle_policies(std::uint32_t ifindex, Device& device, const Device& wanted);
  bool attach(std::uint32_t ifindex, Device& device);
  Result<dataplane::XdpLink> try_to_attach(std::uint32_t ifindex, const Device& device);
  void settle_macs(const PlanList& plans);
  bool give_macs(std::uint32_t ifindex, MacDevice& device);
  Status try_to_give_macs(std::uint32_t ifindex, const MacDevice& device);
  void settle_groups(const PlanList& plans);

  dataplane::DataPlane& data_plane_;
  Inventory& inventory_;
  AttachmentOptions options_;
  std::map<std::uint32_t, Device> devices_;
  std::map<std::uint32_t, MacDevice> mac_devices_;
  std::map<std::uint32_t, Problem> groups_; ///< of the interfaces on which we are, or should be, a member
  platform::MulticastMemberships memberships_;
  platform::UnicastFilter virtual_macs_;
  HostGuard host_guard_;
};

/// The devices that carry the receive program for the plans, with their names.
std::map<std::uint32_t, std::string> device_names(const PlanList& plans);
/// The interfaces whose routers have virtual MACs, with their names.
std::map<std::uint32_t, std::string> virtual_mac_interfaces(const PlanList& plans);

} // namespace xvrrp::controller
