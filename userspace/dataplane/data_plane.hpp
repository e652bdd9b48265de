// SPDX-License-Identifier: BSD-2-Clause
// The data plane of one instance, through its pins: what xvrrpd and vrrpctl do with it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

#include "dataplane/features.hpp"
#include "dataplane/maps.hpp"
#include "dataplane/pin_directory.hpp"
#include "dataplane/shared_array.hpp"
#include "dataplane/xdp_link.hpp"

namespace xvrrp::dataplane {

/// Equality as the hash maps see it.
inline bool same_key(const xv_vr_key& a, const xv_vr_key& b) {
  return a.ifindex == b.ifindex && a.vlan == b.vlan && a.inner_vlan == b.inner_vlan && a.family == b.family &&
         a.vrid == b.vrid;
}

/// Where the virtual router's adverts arrive.
inline xv_if_key place_of(const xv_vr_key& router) {
  return {router.ifindex, router.vlan, router.inner_vlan};
}

/// Whether the virtual router's adverts arrive on this interface, in these tags.
inline bool is_at(const xv_vr_key& router, const xv_if_key& place) {
  return router.ifindex == place.ifindex && router.vlan == place.vlan &&
         router.inner_vlan == place.inner_vlan;
}

/// The key of a virtual router whose adverts arrive in these tags.
inline xv_vr_key vr_key(const xv_if_key& place, Family family, std::uint8_t vrid) {
  return {place.ifindex, place.vlan, place.inner_vlan, static_cast<__u8>(family), vrid, {}};
}

/// The key of a virtual router on an untagged interface.
inline xv_vr_key vr_key(std::uint32_t ifindex, Family family, std::uint8_t vrid) {
  return vr_key(xv_if_key{ifindex, 0, 0}, family, vrid);
}

/// A virtual address where it is answered for, and how.
struct GuardedAddress {
  xv_vip_key key{};
  xv_vip value{};
};
/// A virtual MAC that frames arrive for.
struct GuardedMac {
  xv_vmac_key key{};
  xv_vmac value{};
};

/// What an interface of the instance carries.
struct AttachedInterface {
  std::string pin;           ///< the link's or component's, in the instance's directory
  std::string name;          ///< the interface's name when it was attached, from the pin's
  std::uint32_t ifindex = 0; ///< 0: the interface is gone
};

/// Open maps and programs of a loaded instance. Move-only; closing it leaves the pins. Methods marked
/// (election) neither allocate nor block and may be called from the election thread while another thread uses
/// the rest.
class DataPlane {
public:
  /// Loads the programs under a new instance directory. The caller holds the instance's lock; an older
  /// directory of the instance must have been removed (remove()).
  static Result<DataPlane> create(const std::string& instance, xv_owner owner, std::uint32_t owner_pid,
                                  DownTimer timer = DownTimer::Kernel);
  /// Takes over what a dead xvrrpd of the same ABI version left: new programs on its maps, in its links,
  /// without a gap. Links whose interface is gone, or is not of this network namespace, go. Failed, and
  /// nothing is changed, when who keeps Master_Down_Timer there is not who is to. The caller holds the
  /// instance's lock.
  static Result<DataPlane> adopt(const std::string& instance, std::uint32_t owner_pid, DownTimer timer);
  /// Opens what is pinned. NotRunning when nothing is; Conflict when another version of xvrrp loaded it.
  static Result<DataPlane> open(const std::string& instance);
  /// Who loaded the instance; NotRunning when nothing is loaded.
  static Result<xv_info> owner_of(const std::string& instance);
  /// Detaches and unpins everything of the instance. No error when there is nothing.
  static Status remove(const std::string& instance);
  /// The instances that have pins.
  static std::vector<std::string> instances();
  /// Conflict when the interface carries an XDP program that makes no room for this instance's, whether that
  /// is loaded or not.
  static Status find_conflict(const std::string& instance, std::uint32_t ifindex,
                              const std::string& interface);
  /// Whether the TC program, by its id, works on another instance's maps.
  static bool is_of_another(const std::string& instance, std::uint32_t program_id);

  /// Conflict when the instance is on the interface already, or on one that its maps could not tell from it.
  Status can_attach(std::uint32_t ifindex, const std::string& interface) const;
  /// Sets the policy of the interface's untagged frames, attaches the receive program, pins the link. Where
  /// libxdp's dispatcher is, it becomes a component of it instead (dispatcher.hpp), and there is no link.
  /// Counters of the untagged frames start at zero. Without a policy they are not looked after: the program
  /// is there for VLANs alone. Conflict when can_attach() says so, or the interface carries another program.
  Result<XdpLink> attach(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                         const std::optional<xv_if_policy>& untagged);
  /// Attaches the programs that handle virtual MACs (use_vmac). Where they become filters and not pinned
  /// links (no tcx), the caller sees to detach_filters().
  Status attach_virtual_macs(std::uint32_t ifindex, const std::string& interface, bool allow_tcx) const;
  /// Whether the interface carries them.
  bool has_virtual_macs(std::uint32_t ifindex, const std::string& interface) const;
  /// Attaches the program that keeps the host from taking packets to guarded addresses on their way in
  /// through an interface that does not have them, or brings what a predecessor left up to date. Pinned.
  /// The link; none where it is a filter (no tcx).
  Result<BpfFd> attach_guard(std::uint32_t ifindex, const std::string& interface, bool allow_tcx) const;
  /// Whether the interface carries what attach_guard() returned.
  bool has_guard(const BpfFd& link, std::uint32_t ifindex) const;
  /// Takes it off all other interfaces than these (names by index).
  void retain_guards(const std::map<std::uint32_t, std::string>& interfaces) const;
  /// The link that the interface has from an earlier xvrrpd (adopt()), under the policy given; counters go
  /// on. Absent: it has none, or one of another mode, which is detached.
  std::optional<XdpLink> keep(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                              const xv_if_policy& policy);
  /// Whether the link is on the interface still: nobody detached it, the interface was not deleted.
  bool is_attached(const XdpLink& link, std::uint32_t ifindex) const;
  /// Removes what was adopted and is not wanted any more: virtual routers that are not in the list, and links
  /// of interfaces (names by index) that are not.
  void retain(std::span<const xv_vr_key> routers, const std::map<std::uint32_t, std::string>& interfaces);
  /// The same for the links that handle virtual MACs.
  void retain_virtual_macs(const std::map<std::uint32_t, std::string>& interfaces) const;
  /// Sets the policy of one VLAN of an interface that is to be attached, or is; its counters start at zero.
  /// attach() sets that of the untagged frames.
  Status set_policy(const xv_if_key& place, const std::string& interface, const xv_if_policy& policy);
  /// Forgets the policy and the counters of one VLAN, or of the untagged frames.
  void forget_place(const xv_if_key& place);
  /// The same, with what was heard there and its virtual routers.
  void remove_place(const xv_if_key& place);
  /// Takes our program off the interface, if it is there (in whatever network namespace), and forgets its
  /// policies, not its virtual routers.
  void abandon(std::uint32_t ifindex, const std::string& interface);
  /// The same, with its virtual routers. NotRunning when the interface is not attached.
  Status detach(const std::string& interface);
  std::vector<AttachedInterface> attached() const;
  /// Whether this instance's program is on the interface of that number in the caller's network namespace.
  bool carries(std::uint32_t ifindex) const;

  /// Adds a virtual router in the role STOPPED, with counters at zero; returns whether it did. One that is
  /// there already is left as it is: only whoever runs it may write its configuration (set_config()). On an
  /// error nothing has changed.
  Result<bool> create_router(const xv_vr_key& key, const xv_vr_config& config);
  /// With its peers and what was known of it. No error when it is not there.
  void remove_router(const xv_vr_key& key);
  /// Lets in adverts that these peers send to the router, beside those that it has. Returns the peers that
  /// are new to it; on an error nothing has changed.
  Result<std::vector<IpAddress>> add_peers(const xv_vr_key& key, std::span<const IpAddress> peers);
  void remove_peers(const xv_vr_key& key, std::span<const IpAddress> peers);
  /// Removes the router's peers but for these. Walks over all peers of the instance.
  void retain_peers(const xv_vr_key& key, std::span<const IpAddress> peers);
  /// The virtual addresses of the whole instance: those not in the list are forgotten.
  Status guard_addresses(std::span<const GuardedAddress> addresses) const;
  /// The virtual MACs of the whole instance, likewise.
  Status guard_macs(std::span<const GuardedMac> macs) const;
  /// (election) Until `until_ns` (CLOCK_MONOTONIC) the router that has the slot may be believed to be Master;
  /// 0: for ever. No system call.
  void renew_lease(std::uint32_t slot, std::uint64_t until_ns) const noexcept {
    __atomic_store_n(&leases_[slot], until_ns, __ATOMIC_RELAXED);
  }
  /// (election) Until when that is; 0: there is no lease.
  std::uint64_t lease_end(std::uint32_t slot) const noexcept {
    return __atomic_load_n(&leases_[slot], __ATOMIC_RELAXED);
  }
  /// (election) 0 or an errno.
  [[nodiscard]] int set_config(const xv_vr_key& key, const xv_vr_config& config) const noexcept {
    return config_.set(key, config);
  }
  /// (election) Runs a command in the kernel; 0 or an errno.
  [[nodiscard]] int run(xv_command& command) const noexcept;

  /// Where else the instance's things are pinned.
  const PinDirectory& pins() const noexcept { return pins_; }
  const Map<xv_if_key, xv_if_policy>& policies() const { return policy_; }
  const Map<xv_vr_key, xv_vr_config>& routers() const { return config_; }
  const Map<xv_vip_key, xv_vip>& virtual_addresses() const { return vip_; }
  const Map<xv_vmac_key, xv_vmac>& virtual_macs() const { return vmac_; }
  const Map<xv_vr_key, xv_vr_live>& liveness() const { return live_; }
  const Map<xv_vr_key, xv_hearing>& heard() const { return heard_; }
  const StatsMap<xv_if_key>& interface_stats() const { return if_stats_; }
  const StatsMap<xv_vr_key>& router_stats() const { return vr_stats_; }
  /// Who keeps Master_Down_Timer, as chosen when it was loaded. Controller: no XV_EVENT_MASTER_DOWN comes.
  DownTimer down_timer() const noexcept { return down_timer_; }
  int events_fd() const { return events_.get(); }
  int receive_program_fd() const { return receive_.get(); }

private:
  /// attach() where libxdp's dispatcher is, in the mode given.
  Result<XdpLink> join(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                       AttachMode dispatcher);
  /// 0 or an errno. May sleep: never on the election thread.
  int create_liveness(const xv_vr_key& key) const;
  /// Takes off what a pin stands for, and the pin.
  void drop(const std::string& pin) const;
  void forget_interface(std::uint32_t ifindex);

  std::string instance_;
  PinDirectory pins_;
  DownTimer down_timer_ = DownTimer::Kernel;
  Map<xv_if_key, xv_if_policy> policy_;
  Map<xv_if_key, xv_if_report> report_;
  StatsMap<xv_if_key> if_stats_;
  Map<xv_vr_key, xv_vr_config> config_;
  Map<xv_peer_key, __u8> peer_;
  Map<xv_vr_key, xv_vr_live> live_;
  StatsMap<xv_vr_key> vr_stats_;
  Map<xv_vr_key, xv_hearing> heard_;
  Map<xv_vip_key, xv_vip> vip_;
  Map<xv_vmac_key, xv_vmac> vmac_;
  SharedArray<__u64> leases_;
  SharedArray<xv_guard> guard_;
  BpfFd events_;
  BpfFd receive_;
  BpfFd arriving_;
  BpfFd leaving_;
  BpfFd guarding_;
  BpfFd control_;
};

} // namespace xvrrp::dataplane
