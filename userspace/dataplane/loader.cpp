// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/loader.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <xvrrp/abi/names.h>

#include "dataplane/dispatcher.hpp"
#include "dataplane/handles.hpp"
#include "dataplane/print_to.hpp"
#include "dataplane/tc_link.hpp"
#include "xvrrp_xdp.skel.h"

namespace xvrrp::dataplane {
namespace {

constexpr std::array kMaps{
    XV_MAP_INFO,    XV_MAP_IF_POLICY,  XV_MAP_IF_STATS, XV_MAP_IF_REPORT,  XV_MAP_VR_CONFIG, XV_MAP_VR_PEER,
    XV_MAP_VR_LIVE, XV_MAP_DOWN_TIMER, XV_MAP_VR_STATS, XV_MAP_HEARD,      XV_MAP_EVENTS,    XV_MAP_VIP,
    XV_MAP_VMAC,    XV_MAP_GUARD,      XV_MAP_LEASE,    XV_MAP_CAPTURE_IF, XV_MAP_CAPTURE};
constexpr std::array kPrograms{XV_PROG_RX, XV_PROG_IN, XV_PROG_TX, XV_PROG_GUARD, XV_PROG_CONTROL};

/// Keeps the tail of libbpf's and the verifier's log of one load, for the error message.
std::string load_log;

int keep_log(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG)
    return 0;
  std::array<char, 2048> line{};
  const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
  load_log += line.data();
  if (load_log.size() > 8192)
    load_log.erase(0, load_log.size() - 8192);
  return length;
}

/// Silences libbpf while it loads, so that the message is ours.
struct LogCapture : PrintTo<libbpf_set_print> {
  LogCapture() : PrintTo(keep_log) { load_log.clear(); }
};

struct DestroySkeleton {
  void operator()(xvrrp_xdp* skeleton) const { xvrrp_xdp::destroy(skeleton); }
};
using Skeleton = std::unique_ptr<xvrrp_xdp, DestroySkeleton>;

Skeleton open_programs(DownTimer timer) {
  Skeleton skeleton{xvrrp_xdp::open()};
  if (skeleton && timer == DownTimer::Controller) {
    skeleton->rodata->kernel_timer = 0;
    bpf_map__set_autocreate(skeleton->maps.down_timer, false);
  }
  return skeleton;
}

/// A '+' is in no instance's name.
std::string staging_name(const std::string& instance) {
  return pin_name(instance) + "+new";
}

/// Empty, and new.
Result<PinDirectory> make_staging(const PinDirectory& root, const std::string& instance) {
  if (auto status = root.remove(staging_name(instance)); !status)
    return std::move(status).error();
  return root.make(staging_name(instance));
}

bool is_attachment(const std::string& pin) {
  return pin.starts_with(kLinkPrefix) || pin.starts_with(kInLinkPrefix) || pin.starts_with(kTxLinkPrefix) ||
         pin.starts_with(kComponentPrefix) || interface_of_guard(pin);
}

Status pin_maps(const xvrrp_xdp& skeleton, const PinDirectory& pins) {
  for (const char* map_name : kMaps) {
    const bpf_map* map = bpf_object__find_map_by_name(skeleton.obj, map_name);
    if (!bpf_map__autocreate(map))
      continue;
    if (auto status = pins.pin(bpf_map__fd(map), map_name); !status)
      return status;
  }
  return Done{};
}

Status pin_programs(const xvrrp_xdp& skeleton, const PinDirectory& pins) {
  for (const char* program_name : kPrograms) {
    const bpf_program* program = bpf_object__find_program_by_name(skeleton.obj, program_name);
    if (auto status = pins.pin(bpf_program__fd(program), program_name); !status)
      return status;
  }
  return Done{};
}

Status reuse_maps(const xvrrp_xdp& skeleton, const PinDirectory& pins) {
  for (const char* map_name : kMaps) {
    bpf_map* map = bpf_object__find_map_by_name(skeleton.obj, map_name);
    if (!bpf_map__autocreate(map))
      continue;
    const auto pinned = pins.get(map_name);
    if (!pinned)
      return pinned.error();
    if (bpf_map__reuse_fd(map, pinned->get()) != 0)
      return system_error("using " + pins.path_of(map_name));
  }
  return Done{};
}

/// A link without an interface stays as it is: there is nothing to update.
Status update_links(int program_fd, const PinDirectory& pins) {
  for (const auto& pin : pins.names()) {
    if (!pin.starts_with(kLinkPrefix))
      continue;
    const auto link = pins.get(pin);
    if (!link)
      return link.error();
    if (bpf_link_update(link->get(), program_fd, nullptr) != 0 && errno != ENOLINK)
      return system_error("putting the new program into " + pins.path_of(pin));
  }
  return Done{};
}

/// A component that is not there any more is none to replace.
Status update_components(const PinDirectory& pins, DownTimer timer) {
  for (const auto& pin : pins.names()) {
    const auto interface = interface_of_component(pin);
    if (!interface)
      continue;
    const auto map = pins.get(pin);
    if (!map)
      return map.error();
    if (!component_mode(map->get(), interface->first))
      continue;
    if (auto status = add_component(pins, timer, interface->first, interface->second); !status)
      return status;
  }
  return Done{};
}

} // namespace

std::string pin_name(std::string name) {
  std::replace(name.begin(), name.end(), '.', ':');
  return name;
}

std::string name_of_pin(std::string pin) {
  std::replace(pin.begin(), pin.end(), ':', '.');
  return pin;
}

std::string pin_directory(const std::string& instance) {
  return XV_PIN_ROOT "/" + pin_name(instance);
}

Result<PinDirectory> open_pins(const std::string& instance) {
  auto root = PinDirectory::root();
  auto pins = root ? root->open(pin_name(instance)) : std::move(root);
  if (!pins && pins.error().kind == ErrorKind::NotRunning)
    return Error{ErrorKind::NotRunning, "nothing is loaded for instance \"" + instance + "\" (" +
                                            pin_directory(instance) + " does not exist)"};
  return pins;
}

std::string link_pin(const std::string& interface) {
  return kLinkPrefix + pin_name(interface);
}

std::string component_pin(std::uint32_t ifindex, const std::string& interface) {
  return kComponentPrefix + std::to_string(ifindex) + "_" + pin_name(interface);
}

std::optional<std::pair<std::uint32_t, std::string>> interface_of_component(const std::string& pin) {
  if (!pin.starts_with(kComponentPrefix))
    return std::nullopt;
  const char* number = pin.c_str() + std::strlen(kComponentPrefix);
  char* end = nullptr;
  const auto ifindex = static_cast<std::uint32_t>(std::strtoul(number, &end, 10));
  if (*end != '_')
    return std::nullopt;
  return std::pair{ifindex, name_of_pin(end + 1)};
}

std::string guard_pin(const char* prefix, std::uint32_t ifindex) {
  return prefix + std::to_string(ifindex);
}

std::optional<std::uint32_t> interface_of_guard(const std::string& pin) {
  for (const std::string_view prefix : {kGuardLinkPrefix, kGuardFilterPrefix}) {
    if (pin.starts_with(prefix))
      return static_cast<std::uint32_t>(std::strtoul(pin.c_str() + prefix.size(), nullptr, 10));
  }
  return std::nullopt;
}

std::uint32_t guard_handle(const std::string& directory) {
  std::uint32_t hash = 2166136261; // FNV-1a: the next start, and vrrpctl, come to the same
  for (const char letter : directory)
    hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619;
  return (hash & 0x3fffffff) | 0x40000000; // none of the small numbers that others choose
}

Status add_component(const PinDirectory& pins, DownTimer timer, std::uint32_t ifindex,
                     const std::string& interface) {
  const LogCapture log;
  const Skeleton skeleton = open_programs(timer);
  if (!skeleton)
    return system_error("opening the BPF programs\n" + load_log);
  for (bpf_program* other : {skeleton->progs.xvrrp_in, skeleton->progs.xvrrp_tx, skeleton->progs.xvrrp_guard,
                             skeleton->progs.xvrrp_control})
    bpf_program__set_autoload(other, false);
  if (auto status = reuse_maps(*skeleton, pins); !status)
    return status;
  auto status = join_dispatcher(skeleton->obj, bpf_map__fd(skeleton->maps.if_policy), ifindex);
  if (status)
    return status;
  return Error{ErrorKind::Conflict, interface + ": " + status.error().message +
                                        "; to make room: xdp-loader unload " + interface + " --all\n" +
                                        load_log};
}

void release(const PinDirectory& pins, const std::string& pin) {
  const auto pinned = pins.get(pin);
  if (!pinned)
    return;
  if (const auto interface = interface_of_component(pin)) {
    const LogCapture log;
    (void)leave_dispatcher(pinned->get(), interface->first);
  } else if (pin.starts_with(kGuardFilterPrefix)) {
    detach_filter(*interface_of_guard(pin), Direction::Arriving,
                  guard_handle(std::filesystem::path{pins.path()}.filename()));
  } else {
    bpf_link_detach(pinned->get());
  }
}

Status load_and_pin(const std::string& instance, const xv_info& info, DownTimer timer) {
  const auto root = PinDirectory::make_root();
  if (!root)
    return root.error();
  Skeleton skeleton;
  {
    const LogCapture log;
    skeleton = open_programs(timer);
    if (!skeleton || xvrrp_xdp::load(skeleton.get()) != 0)
      return system_error("loading the BPF programs\n" + load_log);
  }
  const __u32 zero = 0;
  if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.info), &zero, &info, BPF_ANY) != 0)
    return system_error("writing the map info");

  const auto staging = make_staging(*root, instance);
  if (!staging)
    return staging.error();
  auto status = pin_maps(*skeleton, *staging);
  if (status)
    status = pin_programs(*skeleton, *staging);
  if (status)
    status = root->move(staging_name(instance), *root, pin_name(instance));
  if (!status)
    (void)root->remove(staging_name(instance)); // the error that led here is the one to tell
  return status;
}

Status replace_programs(const std::string& instance, const PinDirectory& pins, DownTimer timer) {
  const auto root = PinDirectory::root();
  if (!root)
    return root.error();
  Skeleton skeleton;
  {
    const LogCapture log;
    skeleton = open_programs(timer);
    if (!skeleton)
      return system_error("opening the BPF programs\n" + load_log);
    if (auto status = reuse_maps(*skeleton, pins); !status)
      return status;
    if (const int error = xvrrp_xdp::load(skeleton.get()); error != 0)
      return system_error("loading the BPF programs on the maps of " + pins.path() + "\n" + load_log, -error);
  }
  const auto staging = make_staging(*root, instance);
  if (!staging)
    return staging.error();
  auto status = pin_programs(*skeleton, *staging);
  if (status)
    status = update_links(bpf_program__fd(skeleton->progs.xvrrp_rx), pins);
  if (status)
    status = update_components(pins, timer);
  for (const char* program_name : kPrograms) {
    if (status)
      status = staging->move(program_name, pins, program_name);
  }
  (void)root->remove(staging_name(instance));
  return status;
}

Status remove_pins(const std::string& instance) {
  const auto root = PinDirectory::root();
  if (!root)
    return root.error().kind == ErrorKind::NotRunning ? Status{Done{}} : Status{root.error()};
  if (const auto pins = root->open(pin_name(instance))) {
    for (const auto& pin : pins->names()) {
      if (is_attachment(pin))
        release(*pins, pin);
    }
  }
  if (auto status = root->remove(pin_name(instance)); !status)
    return status;
  return root->remove(staging_name(instance));
}

} // namespace xvrrp::dataplane
