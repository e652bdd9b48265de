// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/data_plane.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <tuple>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <xvrrp/abi/names.h>

#include "dataplane/dispatcher.hpp"
#include "dataplane/loader.hpp"
#include "dataplane/tc_link.hpp"

namespace xvrrp::dataplane {
namespace {

namespace fs = std::filesystem;

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

std::string pin(const std::string& instance, const char* name) {
  return pin_directory(instance) + "/" + name;
}

BpfFd open_pin(const std::string& path) {
  return BpfFd{bpf_obj_get(path.c_str())};
}

/// Takes an attachment away, if it is there.
void withdraw(const std::string& pin) {
  release(pin);
  unlink(pin.c_str());
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

} // namespace

Result<xv_info> DataPlane::owner_of(const std::string& instance) {
  const BpfFd map = open_pin(pin(instance, XV_MAP_INFO));
  if (!map) {
    if (errno == ENOENT)
      return Error{ErrorKind::NotRunning, "nothing is loaded for instance \"" + instance + "\" (" +
                                              pin_directory(instance) + " does not exist)"};
    return system_error("opening " + pin(instance, XV_MAP_INFO));
  }
  // Only the first word is looked at before the version is known: an older struct may be smaller.
  std::array<std::uint8_t, 256> value{};
  const __u32 zero = 0;
  if (bpf_map_lookup_elem(map.get(), &zero, value.data()) != 0)
    return system_error("reading " + pin(instance, XV_MAP_INFO));
  xv_info info{};
  std::memcpy(&info, value.data(), sizeof(info));
  return info;
}

Result<DataPlane> DataPlane::create(const std::string& instance, xv_owner owner, std::uint32_t owner_pid,
                                    DownTimer timer) {
  const xv_info info{XV_ABI_VERSION, static_cast<__u32>(owner), owner_pid};
  if (auto status = load_and_pin(instance, info, timer); !status)
    return std::move(status).error();
  return open(instance);
}

Result<DataPlane> DataPlane::adopt(const std::string& instance, std::uint32_t owner_pid, DownTimer timer) {
  if (auto status = replace_programs(instance, timer); !status)
    return std::move(status).error();
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
  const BpfFd map = open_pin(pin(instance, XV_MAP_INFO));
  const xv_info info{XV_ABI_VERSION, XV_OWNER_DAEMON, owner_pid};
  const __u32 zero = 0;
  if (bpf_map_update_elem(map.get(), &zero, &info, BPF_ANY) != 0)
    return system_error("writing the map info");
  return plane;
}

Result<DataPlane> DataPlane::open(const std::string& instance) {
  const auto info = owner_of(instance);
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
  std::error_code error;
  if (!fs::exists(pin(instance, XV_MAP_DOWN_TIMER), error))
    plane.down_timer_ = DownTimer::Controller;
  std::string missing;
  const auto get = [&](const char* name) {
    BpfFd fd = open_pin(pin(instance, name));
    if (!fd && missing.empty())
      missing = system_error("opening " + pin(instance, name)).message;
    return fd;
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
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{XV_PIN_ROOT, error}) {
    if (fs::exists(entry.path() / XV_MAP_INFO, error) &&
        entry.path().filename().string().find('+') == std::string::npos)
      names.push_back(name_of_pin(entry.path().filename()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status DataPlane::can_attach(std::uint32_t ifindex, const std::string& interface) const {
  for (const auto& other : attached()) {
    if (other.ifindex == ifindex && carries(ifindex))
      return Error{ErrorKind::Conflict, "instance \"" + instance_ + "\" is already loaded on " + interface +
                                            "; to load it anew, first: vrrpctl --instance " + instance_ +
                                            " unload " + interface};
    if (other.ifindex == ifindex && interface_of_component(fs::path{other.pin}.filename()))
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
  const auto path = link_pin(instance_, interface);
  unlink(path.c_str()); // of an interface of that name that is gone
  if (bpf_obj_pin(link->fd.get(), path.c_str()) != 0) {
    auto error = system_error("pinning " + path);
    forget_interface(ifindex);
    return error;
  }
  return link;
}

Result<XdpLink> DataPlane::join(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                                AttachMode dispatcher) {
  if (!is_as_wanted(dispatcher, mode))
    return Error{ErrorKind::Unsupported, interface + ": libxdp's dispatcher there runs in " +
                                             name(dispatcher) + " mode: try --mode auto"};
  // The pin before the component: what is left of an attempt that is killed can be found.
  const auto path = component_pin(instance_, ifindex, interface);
  if (bpf_obj_pin(policy_.fd(), path.c_str()) != 0 && errno != EEXIST)
    return system_error("pinning " + path);
  if (auto status = add_component(instance_, down_timer_, ifindex, interface); !status) {
    release(path);
    unlink(path.c_str());
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
    const auto path = pin_directory(instance_) + "/" + prefix + pin_name(interface);
    if (const BpfFd kept = open_pin(path); kept && bpf_link_update(kept.get(), program, nullptr) == 0)
      continue; // a predecessor's
    unlink(path.c_str());
    auto link = attach_tc(program, ifindex, interface, direction, allow_tcx);
    if (!link)
      return std::move(link).error();
    if (link->tcx() && bpf_obj_pin(link->fd.get(), path.c_str()) != 0)
      return system_error("pinning " + path);
  }
  return Done{};
}

bool DataPlane::has_virtual_macs(std::uint32_t ifindex, const std::string& interface) const {
  const auto is_linked = [&](const char* prefix) {
    const auto path = pin_directory(instance_) + "/" + prefix + pin_name(interface);
    return interface_of(open_pin(path)) == ifindex;
  };
  return (is_linked(kInLinkPrefix) && is_linked(kTxLinkPrefix)) || has_filters(ifindex);
}

Status DataPlane::attach_guard(std::uint32_t ifindex, const std::string& interface, bool allow_tcx) const {
  const auto link_path = guard_pin(instance_, kGuardLinkPrefix, ifindex);
  const auto filter_path = guard_pin(instance_, kGuardFilterPrefix, ifindex);
  if (allow_tcx) {
    BpfFd link = open_pin(link_path);
    if (interface_of(link) == ifindex && bpf_link_update(link.get(), guarding_.get(), nullptr) == 0)
      return Done{}; // a predecessor's
    unlink(link_path.c_str());
    link = attach_tcx(guarding_.get(), ifindex, Direction::Arriving);
    if (link && bpf_obj_pin(link.get(), link_path.c_str()) != 0)
      return system_error("pinning " + link_path);
    if (link) {
      withdraw(filter_path);
      return Done{};
    }
  }
  withdraw(link_path);
  unlink(filter_path.c_str()); // a predecessor's, whose filter is replaced
  // The pin before the filter: what is left of an attempt that is killed can be found.
  if (bpf_obj_pin(guarding_.get(), filter_path.c_str()) != 0)
    return system_error("pinning " + filter_path);
  auto status = attach_filter(guarding_.get(), ifindex, interface, Direction::Arriving,
                              guard_handle(pin_name(instance_)));
  if (!status)
    unlink(filter_path.c_str());
  return status;
}

bool DataPlane::has_guard(std::uint32_t ifindex) const {
  return interface_of(open_pin(guard_pin(instance_, kGuardLinkPrefix, ifindex))) == ifindex ||
         has_filter(ifindex, Direction::Arriving, guard_handle(pin_name(instance_)));
}

void DataPlane::retain_guards(const std::map<std::uint32_t, std::string>& interfaces) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{pin_directory(instance_), error}) {
    const auto ifindex = interface_of_guard(entry.path().filename());
    if (ifindex && interfaces.count(*ifindex) == 0)
      withdraw(entry.path());
  }
}

bool DataPlane::is_attached(const XdpLink& link, std::uint32_t ifindex) const {
  return link.fd ? interface_of(link.fd) == ifindex : component_mode(policy_.fd(), ifindex).has_value();
}

std::optional<XdpLink> DataPlane::keep(std::uint32_t ifindex, const std::string& interface, WantedMode mode,
                                       const xv_if_policy& policy) {
  const auto component = component_mode(policy_.fd(), ifindex);
  const auto path = component ? component_pin(instance_, ifindex, interface) : link_pin(instance_, interface);
  BpfFd pinned = open_pin(path);
  if (!pinned || (!component && interface_of(pinned) != ifindex))
    return std::nullopt;
  const auto is = query_mode(ifindex, interface);
  if (!is || !is_as_wanted(*is, mode) || policy_.set({ifindex, 0, 0}, policy) != 0) {
    release(path);
    unlink(path.c_str());
    return std::nullopt;
  }
  return XdpLink{component ? BpfFd{} : std::move(pinned), *is, {}};
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
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{pin_directory(instance_), error}) {
    const std::string file = entry.path().filename();
    for (const std::string prefix : {kInLinkPrefix, kTxLinkPrefix}) {
      if (file.rfind(prefix, 0) != 0)
        continue;
      const BpfFd link = open_pin(entry.path());
      const auto wanted = interfaces.find(interface_of(link));
      if (wanted != interfaces.end() && wanted->second == name_of_pin(file.substr(prefix.size())))
        continue;
      bpf_link_detach(link.get());
      unlink(entry.path().c_str());
    }
  }
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
    if (link.name != interface)
      continue;
    release(link.pin); // before the filter forgets what it lets through
    unlink(link.pin.c_str());
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
    release(found->pin); // before the filter forgets what it lets through
    forget_interface(found->ifindex);
    for (const auto& vr : config_.keys()) {
      if (vr.ifindex == found->ifindex)
        remove_router(vr);
    }
  }
  if (unlink(found->pin.c_str()) != 0)
    return system_error("removing " + found->pin);
  return Done{};
}

std::vector<AttachedInterface> DataPlane::attached() const {
  std::vector<AttachedInterface> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{pin_directory(instance_), error}) {
    const std::string file = entry.path().filename();
    if (const auto component = interface_of_component(file))
      all.push_back({entry.path(), component->second, component->first});
    if (file.rfind(kLinkPrefix, 0) != 0)
      continue;
    if (const BpfFd link = open_pin(entry.path()))
      all.push_back({entry.path(), name_of_pin(file.substr(std::strlen(kLinkPrefix))), interface_of(link)});
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
