// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/data_plane.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <thread>
#include <tuple>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <xvrrp/abi/names.h>

#include "dataplane/dispatcher.hpp"
#include "dataplane/loader.hpp"
#include "dataplane/tc_link.hpp"

namespace xvrrp::dataplane {
namespace {

/// The kernel takes memory for counters and the timer without waiting for it, so ENOMEM may pass.
constexpr int kMemoryAttempts = 1000;

template <typename Change>
int patiently(Change change) {
  int error = change();
  for (int attempt = 0; error == ENOMEM && attempt < kMemoryAttempts; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
    error = change();
  }
  return error;
}

/// Makes the map hold exactly `wanted`; what stays is never missing meanwhile.
template <typename Key, typename Value, typename Entry>
Status replace_all(const Map<Key, Value>& map, std::span<const Entry> wanted, std::size_t room,
                   const char* what) {
  const auto equals = [](const Key& a, const Key& b) { return std::memcmp(&a, &b, sizeof(Key)) == 0; };
  const auto before = [](const Key& a, const Key& b) { return std::memcmp(&a, &b, sizeof(Key)) < 0; };
  std::vector<Key> kept;
  for (const auto& entry : wanted)
    kept.push_back(entry.key);
  std::sort(kept.begin(), kept.end(), before);
  kept.erase(std::unique(kept.begin(), kept.end(), equals), kept.end());
  for (const auto& key : map.keys()) {
    if (!std::binary_search(kept.begin(), kept.end(), key, before))
      map.erase(key);
  }
  for (const auto& entry : wanted) {
    const int error = map.set(entry.key, entry.value);
    if (error == E2BIG || error == ENOSPC)
      return failed("the data plane is full: at most " + std::to_string(room) + " " + what);
    if (error != 0)
      return system_error(std::string{"configuring the data plane's "} + what, error);
  }
  return Done{};
}

/// The number of the interface that an XDP or a tcx link is on: bpf_link_info says it at the same place of
/// both. 0: the interface is gone.
std::uint32_t interface_of(const BpfFd& link) {
  bpf_link_info info{};
  __u32 size = sizeof(info);
  return link && bpf_obj_get_info_by_fd(link.get(), &info, &size) == 0 ? info.xdp.ifindex : 0;
}

xv_peer_key peer_key(const xv_vr_key& vr, const IpAddress& address) {
  xv_peer_key key{};
  key.vr = vr;
  std::copy(address.bytes().begin(), address.bytes().end(), key.address);
  return key;
}

/// What a virtual router's entries met.
Error configuring(int error) {
  if (error == E2BIG)
    return failed("the data plane is full: at most " + std::to_string(XV_MAX_VRS) + " virtual routers and " +
                  std::to_string(XV_MAX_PEERS) + " unicast peers");
  return system_error("configuring the data plane", error);
}

Result<xv_info> owner_in(const PinDirectory& pins) {
  const auto map = pins.get(XV_MAP_INFO);
  if (!map)
    return map.error();
  // Only the first word is looked at before the version is known: an older struct may be smaller.
  std::array<std::uint8_t, 256> value{};
  const __u32 zero = 0;
  if (bpf_map_lookup_elem(map->get(), &zero, value.data()) != 0)
    return system_error("reading " + pins.path_of(XV_MAP_INFO));
  xv_info info{};
  std::memcpy(&info, value.data(), sizeof(info));
  return info;
}

DownTimer timer_of(const PinDirectory& pins) {
  return pins.has(XV_MAP_DOWN_TIMER) ? DownTimer::Kernel : DownTimer::Controller;
}

/// The interface of a pinned link; 0 as interface_of(), and when there is no such pin.
std::uint32_t interface_of_pin(const PinDirectory& pins, const std::string& pin) {
  const auto link = pins.get(pin);
  return link ? interface_of(*link) : 0;
}

} // namespace

Result<xv_info> DataPlane::owner_of(const std::string& instance) {
  const auto pins = open_pins(instance);
  return pins ? owner_in(*pins) : Result<xv_info>{pins.error()};
}

Result<DataPlane> DataPlane::create(const std::string& instance, xv_owner owner, std::uint32_t owner_pid,
                                    DownTimer timer) {
  const xv_info info{XV_ABI_VERSION, static_cast<__u32>(owner), owner_pid};
  if (auto status = load_and_pin(instance, info, timer); !status)
    return std::move(status).error();
  return open(instance);
}

Result<DataPlane> DataPlane::adopt(const std::string& instance, std::uint32_t owner_pid, DownTimer timer) {
  {
    const auto pins = open_pins(instance);
    if (!pins)
      return pins.error();
    if (timer_of(*pins) != timer)
      return failed("its Master_Down_Timer is kept " +
                    std::string{timer == DownTimer::Controller
                                    ? "by the kernel, and is to be kept by xvrrpd"
                                    : "by xvrrpd, and is to be kept by the kernel"});
    if (auto status = replace_programs(instance, *pins, timer); !status)
      return std::move(status).error();
  }
  auto plane = open(instance);
  if (!plane)
    return plane;
  for (const auto& link : plane->attached()) {
    if (link.ifindex == 0 || !plane->carries(link.ifindex)) {
      if (auto status = plane->detach(link.name); !status)
        return std::move(status).error();
      plane->retain_guards({}); // of another network namespace, perhaps, as the link
    }
  }
  const auto map = plane->pins_.get(XV_MAP_INFO);
  if (!map)
    return map.error();
  const xv_info info{XV_ABI_VERSION, XV_OWNER_DAEMON, owner_pid};
  const __u32 zero = 0;
  if (bpf_map_update_elem(map->get(), &zero, &info, BPF_ANY) != 0)
    return system_error("writing the map info");
  return plane;
}

Result<DataPlane> DataPlane::open(const std::string& instance) {
  auto pins = open_pins(instance);
  if (!pins)
    return std::move(pins).error();
  const auto info = owner_in(*pins);
  if (!info)
    return info.error();
  if (info->abi_version != XV_ABI_VERSION)
    return Error{
        ErrorKind::Conflict,
        "instance \"" + instance + "\" was loaded by another version of xvrrp (data plane " +
            std::to_string(info->abi_version) + ", this is " + std::to_string(XV_ABI_VERSION) +
            "): use that version's vrrpctl, or remove it and load anew: vrrpctl load INTERFACE --replace"};
  DataPlane plane;
  plane.instance_ = instance;
  plane.pins_ = *std::move(pins);
  plane.down_timer_ = timer_of(plane.pins_);
  std::string missing;
  const auto get = [&](const char* name) {
    auto object = plane.pins_.get(name);
    if (object)
      return *std::move(object);
    if (missing.empty())
      missing = object.error().message;
    return BpfFd{};
  };
  plane.policy_ = Map<xv_if_key, xv_if_policy>{get(XV_MAP_IF_POLICY)};
  plane.report_ = Map<xv_if_key, xv_if_report>{get(XV_MAP_IF_REPORT)};
  plane.if_stats_ = StatsMap<xv_if_key>{get(XV_MAP_IF_STATS)};
  plane.config_ = Map<xv_vr_key, xv_vr_config>{get(XV_MAP_VR_CONFIG)};
  plane.peer_ = Map<xv_peer_key, __u8>{get(XV_MAP_VR_PEER)};
  plane.live_ = Map<xv_vr_key, xv_vr_live>{get(XV_MAP_VR_LIVE)};
  plane.vr_stats_ = StatsMap<xv_vr_key>{get(XV_MAP_VR_STATS)};
  plane.heard_ = Map<xv_vr_key, xv_hearing>{get(XV_MAP_HEARD)};
  plane.vip_ = Map<xv_vip_key, xv_vip>{get(XV_MAP_VIP)};
  plane.vmac_ = Map<xv_vmac_key, xv_vmac>{get(XV_MAP_VMAC)};
  const BpfFd leases = get(XV_MAP_LEASE);
  const BpfFd guard = get(XV_MAP_GUARD);
  plane.events_ = get(XV_MAP_EVENTS);
  plane.receive_ = get(XV_PROG_RX);
  plane.arriving_ = get(XV_PROG_IN);
  plane.leaving_ = get(XV_PROG_TX);
  plane.guarding_ = get(XV_PROG_GUARD);
  plane.control_ = get(XV_PROG_CONTROL);
  if (!missing.empty())
    return failed(missing);
  auto shared_leases = SharedArray<__u64>::open(leases.get(), XV_MAX_VRS, XV_MAP_LEASE);
  if (!shared_leases)
    return std::move(shared_leases).error();
  plane.leases_ = *std::move(shared_leases);
  auto shared_guard = SharedArray<xv_guard>::open(guard.get(), 1, XV_MAP_GUARD);
  if (!shared_guard)
    return std::move(shared_guard).error();
  plane.guard_ = *std::move(shared_guard);
  return plane;
}

Status DataPlane::remove(const std::string& instance) {
  return remove_pins(instance);
}

std::vector<std::string> DataPlane::instances() {
  std::vector<std::string> names;
  const auto root = PinDirectory::root();
  for (const auto& name : root ? root->names() : std::vector<std::string>{}) {
    const auto pins = root->open(name);
    if (pins && pins->has(XV_MAP_INFO) && name.find('+') == std::string::npos)
      names.push_back(name_of_pin(name));
  }
  return names;
}

Status DataPlane::find_conflict(const std::string& instance, std::uint32_t ifindex,
                                const std::string& interface) {
  if (attached_program(ifindex) == 0 || dispatcher_mode(ifindex))
    return Done{};
  const auto pins = open_pins(instance);
  if (pins && interface_of_pin(*pins, link_pin(interface)) == ifindex)
    return Done{};
  return occupied(ifindex, interface);
}

bool DataPlane::is_of_another(const std::string& instance, std::uint32_t program_id) {
  const BpfFd program{bpf_prog_get_fd_by_id(program_id)};
  if (!program)
    return false;
  for (const auto& other : instances()) {
    const auto pins = other == instance ? Result<PinDirectory>{failed("")} : open_pins(other);
    const auto map = pins ? pins->get(XV_MAP_VMAC) : Result<BpfFd>{pins.error()};
    if (map && uses(program.get(), map->get()))
      return true;
  }
  return false;
}

Status DataPlane::can_attach(std::uint32_t ifindex, const std::string& interface) const {
  for (const auto& other : attached()) {
    if (other.ifindex == ifindex && carries(ifindex))
      return Error{ErrorKind::Conflict, "instance \"" + instance_ + "\" is already loaded on " + interface +
                                            "; to load it anew, first: vrrpctl --instance " + instance_ +
                                            " unload " + interface};
    if (other.ifindex == ifindex && interface_of_component(other.pin))
      return Error{ErrorKind::Conflict, "instance \"" + instance_ + "\" was loaded on " + interface +
                                            ", in libxdp's dispatcher, which is gone or of another network "
                                            "namespace; to load it anew, first: vrrpctl --instance " +
                                            instance_ + " unload " + interface};
    // Of another network namespace: neither maps nor pins could tell the two apart.
    if (other.ifindex == ifindex || (other.ifindex != 0 && other.name == interface))
      return Error{ErrorKind::Conflict,
                   "instance \"" + instance_ + "\" is loaded on " + other.name +
                       " of another network namespace, whose name or number is that of " + interface +
                       " here: choose another --instance"};
  }
  return Done{};
}

Result<XdpLink> DataPlane::attach(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                                  const std::optional<xv_if_policy>& untagged) {
  if (auto status = can_attach(ifindex, interface); !status)
    return std::move(status).error();
  if (untagged) {
    if (auto status = set_policy({ifindex, 0, 0}, interface, *untagged); !status) {
      forget_interface(ifindex);
      return std::move(status).error();
    }
  }
  if (const auto dispatcher = dispatcher_mode(ifindex)) {
    auto link = join(ifindex, interface, mode, *dispatcher);
    if (!link)
      forget_interface(ifindex);
    return link;
  }
  auto link = attach_xdp(receive_.get(), ifindex, interface, mode);
  if (!link) {
    forget_interface(ifindex);
    return link;
  }
  const auto pin = link_pin(interface);
  auto status = pins_.unpin(pin); // of an interface of that name that is gone
  if (status)
    status = pins_.pin(link->fd.get(), pin);
  if (!status) {
    forget_interface(ifindex);
    return std::move(status).error();
  }
  return link;
}

Result<XdpLink> DataPlane::join(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                                AttachMode dispatcher) {
  if (!is_as_wanted(dispatcher, mode))
    return Error{ErrorKind::Unsupported, interface + ": libxdp's dispatcher there runs in " +
                                             name(dispatcher) + " mode: try --mode auto"};
  // The pin before the component: what is left of an attempt that is killed can be found.
  const auto pin = component_pin(ifindex, interface);
  if (auto status = pins_.has(pin) ? Done{} : pins_.pin(policy_.fd(), pin); !status)
    return std::move(status).error();
  if (auto status = add_component(pins_, down_timer_, ifindex, interface); !status) {
    drop(pin);
    return std::move(status).error();
  }
  return XdpLink{
      {}, dispatcher, dispatcher == AttachMode::Skb ? "libxdp's dispatcher there is in skb mode" : ""};
}

Status DataPlane::attach_virtual_macs(std::uint32_t ifindex, const std::string& interface,
                                      bool allow_tcx) const {
  for (const auto& [program, direction, prefix] :
       {std::tuple{arriving_.get(), Direction::Arriving, kInLinkPrefix},
        std::tuple{leaving_.get(), Direction::Leaving, kTxLinkPrefix}}) {
    const auto pin = prefix + pin_name(interface);
    if (const auto kept = pins_.get(pin); kept && bpf_link_update(kept->get(), program, nullptr) == 0)
      continue; // a predecessor's
    if (auto status = pins_.unpin(pin); !status)
      return status;
    auto link = attach_tc(program, ifindex, interface, direction, allow_tcx);
    if (!link)
      return std::move(link).error();
    if (auto status = link->tcx() ? pins_.pin(link->fd.get(), pin) : Done{}; !status)
      return status;
  }
  return Done{};
}

bool DataPlane::has_virtual_macs(std::uint32_t ifindex, const std::string& interface) const {
  const auto is_linked = [&](const char* prefix) {
    return interface_of_pin(pins_, prefix + pin_name(interface)) == ifindex;
  };
  return (is_linked(kInLinkPrefix) && is_linked(kTxLinkPrefix)) || has_filters(ifindex);
}

Result<BpfFd> DataPlane::attach_guard(std::uint32_t ifindex, const std::string& interface,
                                      bool allow_tcx) const {
  const auto link_name = guard_pin(kGuardLinkPrefix, ifindex);
  const auto filter_name = guard_pin(kGuardFilterPrefix, ifindex);
  if (allow_tcx) {
    if (auto kept = pins_.get(link_name);
        kept && interface_of(*kept) == ifindex && bpf_link_update(kept->get(), guarding_.get(), nullptr) == 0)
      return kept; // a predecessor's
    if (auto status = pins_.unpin(link_name); !status)
      return std::move(status).error();
    BpfFd link = attach_tcx(guarding_.get(), ifindex, Direction::Arriving);
    if (auto status = link ? pins_.pin(link.get(), link_name) : Done{}; !status)
      return std::move(status).error();
    if (link) {
      drop(filter_name);
      return link;
    }
  }
  drop(link_name);
  // A predecessor's, whose filter is replaced. The pin before the filter: what is left of an attempt that is
  // killed can be found.
  auto status = pins_.unpin(filter_name);
  if (status)
    status = pins_.pin(guarding_.get(), filter_name);
  if (!status)
    return std::move(status).error();
  status = attach_filter(guarding_.get(), ifindex, interface, Direction::Arriving,
                         guard_handle(pin_name(instance_)));
  if (status)
    return BpfFd{};
  (void)pins_.unpin(filter_name); // the error that led here is the one to tell
  return std::move(status).error();
}

bool DataPlane::has_guard(const BpfFd& link, std::uint32_t ifindex) const {
  return link ? interface_of(link) == ifindex
              : has_filter(ifindex, Direction::Arriving, guard_handle(pin_name(instance_)));
}

void DataPlane::retain_guards(const std::map<std::uint32_t, std::string>& interfaces) const {
  for (const auto& pin : pins_.names()) {
    const auto ifindex = interface_of_guard(pin);
    if (ifindex && interfaces.count(*ifindex) == 0)
      drop(pin);
  }
}

bool DataPlane::is_attached(const XdpLink& link, std::uint32_t ifindex) const {
  return link.fd ? interface_of(link.fd) == ifindex : component_mode(policy_.fd(), ifindex).has_value();
}

std::optional<XdpLink> DataPlane::keep(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                                       const xv_if_policy& policy) {
  const auto component = component_mode(policy_.fd(), ifindex);
  const auto pin = component ? component_pin(ifindex, interface) : link_pin(interface);
  auto pinned = pins_.get(pin);
  if (!pinned || (!component && interface_of(*pinned) != ifindex))
    return std::nullopt;
  const auto is = query_mode(ifindex, interface);
  if (!is || !is_as_wanted(*is, mode) || policy_.set({ifindex, 0, 0}, policy) != 0) {
    drop(pin);
    return std::nullopt;
  }
  return XdpLink{component ? BpfFd{} : *std::move(pinned), *is, {}};
}

void DataPlane::retain(std::span<const xv_vr_key> routers,
                       const std::map<std::uint32_t, std::string>& interfaces) {
  for (const auto& link : attached()) {
    const auto wanted = interfaces.find(link.ifindex);
    if (wanted == interfaces.end() || wanted->second != link.name)
      (void)detach(link.name); // what could fail is that it is gone
  }
  for (const auto& key : config_.keys()) {
    if (std::none_of(routers.begin(), routers.end(), [&](const auto& kept) { return same_key(kept, key); }))
      remove_router(key);
  }
  for (const auto& key : policy_.keys()) {
    if (interfaces.count(key.ifindex) == 0)
      forget_interface(key.ifindex);
  }
}

void DataPlane::retain_virtual_macs(const std::map<std::uint32_t, std::string>& interfaces) const {
  for (const auto& pin : pins_.names()) {
    for (const std::string prefix : {kInLinkPrefix, kTxLinkPrefix}) {
      if (!pin.starts_with(prefix))
        continue;
      const auto wanted = interfaces.find(interface_of_pin(pins_, pin));
      if (wanted == interfaces.end() || wanted->second != name_of_pin(pin.substr(prefix.size())))
        drop(pin);
    }
  }
}

void DataPlane::drop(const std::string& pin) const {
  release(pins_, pin);
  (void)pins_.unpin(pin); // one that cannot be removed stands for nothing now
}

Status DataPlane::set_policy(const xv_if_key& place, const std::string& interface,
                             const xv_if_policy& policy) {
  if (patiently([&] { return if_stats_.reset(place); }) == 0 && report_.set(place, {}) == 0 &&
      policy_.set(place, policy) == 0)
    return Done{};
  return failed("instance \"" + instance_ + "\" has no room for " + interface + ": at most " +
                std::to_string(XV_MAX_INTERFACES) + " interfaces");
}

void DataPlane::forget_place(const xv_if_key& place) {
  policy_.erase(place);
  report_.erase(place);
  if_stats_.erase(place);
}

void DataPlane::forget_interface(std::uint32_t ifindex) {
  for (const auto& key : policy_.keys()) {
    if (key.ifindex == ifindex)
      forget_place(key);
  }
  for (const auto& vr : heard_.keys()) {
    if (vr.ifindex == ifindex)
      heard_.erase(vr);
  }
}

void DataPlane::abandon(std::uint32_t ifindex, const std::string& interface) {
  for (const auto& link : attached()) {
    if (link.name == interface)
      drop(link.pin); // before the filter forgets what it lets through
  }
  forget_interface(ifindex);
}

void DataPlane::remove_place(const xv_if_key& place) {
  forget_place(place); // first: the filter must not forget what it lets through
  for (const auto& vr : heard_.keys()) {
    if (is_at(vr, place))
      heard_.erase(vr);
  }
  for (const auto& vr : config_.keys()) {
    if (is_at(vr, place))
      remove_router(vr);
  }
}

Status DataPlane::detach(const std::string& interface) {
  const auto all = attached();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == interface; });
  if (found == all.end())
    return Error{ErrorKind::NotRunning,
                 "nothing is loaded on " + interface + " in instance \"" + instance_ + "\""};
  if (found->ifindex != 0) {
    release(pins_, found->pin); // before the filter forgets what it lets through
    forget_interface(found->ifindex);
    for (const auto& vr : config_.keys()) {
      if (vr.ifindex == found->ifindex)
        remove_router(vr);
    }
  }
  return pins_.unpin(found->pin);
}

std::vector<AttachedInterface> DataPlane::attached() const {
  std::vector<AttachedInterface> all;
  for (const auto& pin : pins_.names()) {
    if (const auto component = interface_of_component(pin))
      all.push_back({pin, component->second, component->first});
    else if (pin.starts_with(kLinkPrefix))
      all.push_back({pin, name_of_pin(pin.substr(std::strlen(kLinkPrefix))), interface_of_pin(pins_, pin)});
  }
  return all;
}

bool DataPlane::carries(std::uint32_t ifindex) const {
  bpf_prog_info info{};
  __u32 size = sizeof(info);
  if (bpf_obj_get_info_by_fd(receive_.get(), &info, &size) == 0 && info.id == attached_program(ifindex))
    return true;
  return component_mode(policy_.fd(), ifindex).has_value();
}

Result<bool> DataPlane::create_router(const xv_vr_key& key, const xv_vr_config& config) {
  const int added = config_.create(key, config);
  if (added != 0 && added != EEXIST)
    return configuring(added);
  // One that is there may lack them: its maker was killed before it came to them.
  int error = 0;
  if (!vr_stats_.find(key))
    error = patiently([&] { return vr_stats_.reset(key); });
  if (error == 0 && !(config.flags & XV_VR_LISTED))
    error = patiently([&] { return create_liveness(key); });
  if (error == 0)
    return added == 0;
  if (added == 0)
    remove_router(key);
  return configuring(error);
}

int DataPlane::create_liveness(const xv_vr_key& key) const {
  xv_command create{};
  create.key = key;
  create.op = XV_COMMAND_CREATE;
  return run(create);
}

void DataPlane::remove_router(const xv_vr_key& key) {
  xv_command forget{};
  forget.key = key;
  forget.op = XV_COMMAND_FORGET;
  (void)run(forget); // fails only where the programs are gone, and the entry with them
  const auto config = config_.find(key);
  if (config && (config->flags & XV_VR_UNICAST))
    retain_peers(key, {});
  config_.erase(key);
  vr_stats_.erase(key);
}

Result<std::vector<IpAddress>> DataPlane::add_peers(const xv_vr_key& key, std::span<const IpAddress> peers) {
  std::vector<IpAddress> added;
  for (const auto& peer : peers) {
    const int error = peer_.create(peer_key(key, peer), 1);
    if (error == 0)
      added.push_back(peer);
    if (error == 0 || error == EEXIST)
      continue;
    remove_peers(key, added);
    return configuring(error);
  }
  return added;
}

void DataPlane::remove_peers(const xv_vr_key& key, std::span<const IpAddress> peers) {
  for (const auto& peer : peers)
    peer_.erase(peer_key(key, peer));
}

void DataPlane::retain_peers(const xv_vr_key& key, std::span<const IpAddress> peers) {
  for (const auto& peer : peer_.keys()) {
    const auto stays = [&](const IpAddress& address) {
      return std::equal(address.bytes().begin(), address.bytes().end(), peer.address);
    };
    if (same_key(peer.vr, key) && std::none_of(peers.begin(), peers.end(), stays))
      peer_.erase(peer);
  }
}

Status DataPlane::guard_addresses(std::span<const GuardedAddress> addresses) const {
  if (auto status = replace_all(vip_, addresses, XV_MAX_VIPS, "virtual addresses"); !status)
    return status;
  const bool refuses = std::any_of(addresses.begin(), addresses.end(), [](const GuardedAddress& address) {
    return (address.value.flags & XV_VIP_NO_ACCEPT) != 0;
  });
  __atomic_store_n(&guard_[0].no_accept, refuses ? 1u : 0u, __ATOMIC_RELAXED);
  return Done{};
}

Status DataPlane::guard_macs(std::span<const GuardedMac> macs) const {
  if (auto status = replace_all(vmac_, macs, XV_MAX_VRS, "virtual MACs"); !status)
    return status;
  constexpr std::array<__u8, 4> kPrefix{0x00, 0x00, 0x5e, 0x00}; // RFC 9568 7.3
  const bool custom = std::any_of(macs.begin(), macs.end(), [&](const GuardedMac& guarded) {
    return !std::equal(kPrefix.begin(), kPrefix.end(), guarded.key.mac);
  });
  __atomic_store_n(&guard_[0].any_mac, custom ? 1u : 0u, __ATOMIC_RELAXED);
  __atomic_store_n(&guard_[0].vmac, macs.empty() ? 0u : 1u, __ATOMIC_RELAXED);
  return Done{};
}

int DataPlane::run(xv_command& command) const noexcept {
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.ctx_in = &command;
  options.ctx_size_in = sizeof(command);
  const int error = bpf_prog_test_run_opts(control_.get(), &options);
  return error != 0 ? -error : -command.result;
}

} // namespace xvrrp::dataplane
