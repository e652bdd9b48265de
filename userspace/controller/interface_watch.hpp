// SPDX-License-Identifier: BSD-2-Clause
// Interfaces come and go, and so does what is tracked: what that means for each virtual router.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/attachments.hpp"
#include "controller/election.hpp"
#include "controller/tracking.hpp"
#include "platform/link_monitor.hpp"

namespace xvrrp::controller {

/// Tells the election thread of faults (no interface, no carrier, no source address, a program that cannot be
/// attached, something tracked that is down, a fault of another router of the sync group) and of their end;
/// brings frames up to date with addresses, MACs and priorities. An interface that is
/// deleted, renamed or moved to another network namespace is let go of; one that has the configured name
/// again, whatever its number, is taken up. Manager thread.
class InterfaceWatch {
public:
  /// What somebody, be it us, has done to addresses since the last time.
  struct AddressChanges {
    std::set<std::pair<std::uint32_t, IpPrefix>> deleted; ///< with their interfaces
    bool marked_added = false;                            ///< some with our mark (kAddressProtocol)
    bool unknown = false;                                 ///< announcements were lost: there may be more
  };
  /// All of them outlive the object. `on_priority` is told of a router that runs and has another effective
  /// priority now; `on_addresses` of addresses.
  InterfaceWatch(Election& election, dataplane::DataPlane& data_plane, Attachments& attachments,
                 platform::LinkMonitor& links, const Tracking& tracking,
                 std::function<void(std::size_t router)> on_priority,
                 std::function<void(const AddressChanges& changes)> on_addresses);

  void check_all();
  /// Starts the routers that were not started yet and wait for nothing.
  void start_ready();
  void on_announcements(); ///< when links.fd() is readable
  void look_around();      ///< every second: for what nobody announces

  /// The election thread runs another fleet: which router of the last one each was; absent: it is new.
  void renumber(const std::vector<std::optional<std::size_t>>& origins);
  /// The router has another key in the data plane; the old one goes when the election thread has let go of
  /// it.
  void forget_later(std::shared_ptr<const VirtualRouter> router, const xv_vr_key& key);
  /// Whether some router waits for its interface.
  bool is_any_lost() const;

  /// Takes a router out of service, until it is put back; a Master goes on until its successor is heard.
  void drain(std::size_t router, bool drained);
  bool is_drained(std::size_t router) const { return routers_[router].drained; }
  /// It was drained when an earlier process ended. Before check_all().
  void resume_drained(std::size_t router) { routers_[router].drained = true; }
  /// Another priority, 1..254, than the configured one; absent: that one again. Until then it outlives
  /// reloads.
  void set_priority(std::size_t router, std::optional<std::uint8_t> priority);
  /// The sentence behind a router's fault; empty when its reason says it all.
  const std::string& problem(std::size_t router) const { return routers_[router].problem; }

private:
  /// What was done about a router.
  struct Watched {
    bool drained = false; ///< by the operator
    bool lost = false;    ///< an interface that its plan was made for is gone
    bool waits = false;   ///< for what it tracks
    bool started = false;
    bool untold = false;              ///< the election thread's queue was full
    bool reframe = false;             ///< its adverts are still those of another plan
    std::optional<core::Reason> own;  ///< its fault, whatever others of its sync group have
    std::optional<core::Reason> told; ///< as the election thread was told
    std::string problem;              ///< as the log was told
  };

  const RouterPlan& newest_plan(std::size_t index) const { return election_.router(index).newest_plan(); }
  bool is_master(std::size_t index) const {
    return election_.router(index).status().state == core::State::Master;
  }
  bool posted(std::size_t index, const Command& command);
  void check_routers(const std::function<bool(std::size_t)>& is_concerned);
  void settle(const std::vector<std::size_t>& concerned, const InterfaceMap& interfaces);
  void settle_attachments();
  void lose(std::size_t index);
  bool replan(std::size_t index, const InterfaceMap& interfaces);
  void refit(std::size_t index, std::uint32_t mtu);
  bool use_plan(std::size_t index, RouterPlan plan);
  void forget_old_keys();
  void check_router(std::size_t index, const InterfaceMap& interfaces);
  std::optional<core::Reason> find_fault(std::size_t index, const InterfaceMap& interfaces,
                                         const Tracking::Verdict& verdict);
  void tell_groups();
  std::optional<core::Reason> group_fault(std::size_t index) const;
  void explain(std::size_t index, const std::string& problem);
  void tell(std::size_t index, const std::optional<core::Reason>& fault);

  Election& election_;
  dataplane::DataPlane& data_plane_;
  Attachments& attachments_;
  platform::LinkMonitor& links_;
  const Tracking& tracking_;
  std::function<void(std::size_t)> on_priority_;
  std::function<void(const AddressChanges&)> on_addresses_;
  std::vector<Watched> routers_;
  bool unsettled_ = false; ///< routers were lost or found since the attachments were settled
  std::vector<std::pair<std::shared_ptr<const VirtualRouter>, xv_vr_key>>
      old_keys_; ///< in the data plane, of earlier plans of routers
};

} // namespace xvrrp::controller
