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
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include <xvrrp/abi/names.h>

#include "dataplane/dispatcher.hpp"
#include "dataplane/handles.hpp"
#include "dataplane/print_to.hpp"
#include "dataplane/tc_link.hpp"
#include "xvrrp_xdp.skel.h"

namespace xvrrp::dataplane {
namespace {

namespace fs = std::filesystem;

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

Status make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST)
    return Done{};
  return system_error("creating " + path);
}

Status require_bpffs() {
  struct statfs info {};
  const std::string mount_point = fs::path{XV_PIN_ROOT}.parent_path();
  if (statfs(mount_point.c_str(), &info) == 0 && info.f_type == BPF_FS_MAGIC)
    return make_directory(XV_PIN_ROOT);
  return failed(mount_point + " is not a BPF file system; as root: mount -t bpf bpf " + mount_point);
}

Status remove_directory(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? Status{system_error("removing " + path, error.value())} : Status{Done{}};
}

/// A '+' is in no instance's name.
std::string staging_directory(const std::string& instance) {
  return pin_directory(instance) + "+new";
}

bool is_attachment(const std::string& file) {
  return file.rfind(kLinkPrefix, 0) == 0 || file.rfind(kInLinkPrefix, 0) == 0 ||
         file.rfind(kTxLinkPrefix, 0) == 0 || file.rfind(kComponentPrefix, 0) == 0 ||
         interface_of_guard(file);
}

void release_all(const std::string& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{directory, error}) {
    if (is_attachment(entry.path().filename()))
      release(entry.path());
  }
}

Status pin_maps(const xvrrp_xdp& skeleton, const std::string& directory) {
  for (const char* map_name : kMaps) {
    const bpf_map* map = bpf_object__find_map_by_name(skeleton.obj, map_name);
    if (!bpf_map__autocreate(map))
      continue;
    const std::string path = directory + "/" + map_name;
    if (bpf_obj_pin(bpf_map__fd(map), path.c_str()) != 0)
      return system_error("pinning " + path);
  }
  return Done{};
}

Status pin_programs(const xvrrp_xdp& skeleton, const std::string& directory) {
  for (const char* program_name : kPrograms) {
    const bpf_program* program = bpf_object__find_program_by_name(skeleton.obj, program_name);
    const std::string path = directory + "/" + program_name;
    if (bpf_obj_pin(bpf_program__fd(program), path.c_str()) != 0)
      return system_error("pinning " + path);
  }
  return Done{};
}

Status reuse_maps(const xvrrp_xdp& skeleton, const std::string& directory) {
  for (const char* map_name : kMaps) {
    bpf_map* map = bpf_object__find_map_by_name(skeleton.obj, map_name);
    if (!bpf_map__autocreate(map))
      continue;
    const std::string path = directory + "/" + map_name;
    const BpfFd pinned{bpf_obj_get(path.c_str())};
    if (!pinned)
      return system_error("opening " + path);
    if (bpf_map__reuse_fd(map, pinned.get()) != 0)
      return system_error("using " + path);
  }
  return Done{};
}

/// A link without an interface stays as it is: there is nothing to update.
Status update_links(int program_fd, const std::string& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{directory, error}) {
    if (entry.path().filename().string().rfind(kLinkPrefix, 0) != 0)
      continue;
    const BpfFd link{bpf_obj_get(entry.path().c_str())};
    if (!link)
      return system_error("opening " + entry.path().string());
    if (bpf_link_update(link.get(), program_fd, nullptr) != 0 && errno != ENOLINK)
      return system_error("putting the new program into " + entry.path().string());
  }
  return Done{};
}

/// A component that is not there any more is none to replace.
Status update_components(const std::string& instance, DownTimer timer) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{pin_directory(instance), error}) {
    const auto interface = interface_of_component(entry.path().filename());
    if (!interface)
      continue;
    const BpfFd map{bpf_obj_get(entry.path().c_str())};
    if (!component_mode(map.get(), interface->first))
      continue;
    if (auto status = add_component(instance, timer, interface->first, interface->second); !status)
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

std::string link_pin(const std::string& instance, const std::string& interface) {
  return pin_directory(instance) + "/" + kLinkPrefix + pin_name(interface);
}

std::string component_pin(const std::string& instance, std::uint32_t ifindex, const std::string& interface) {
  return pin_directory(instance) + "/" + kComponentPrefix + std::to_string(ifindex) + "_" +
         pin_name(interface);
}

std::optional<std::pair<std::uint32_t, std::string>> interface_of_component(const std::string& file) {
  if (file.rfind(kComponentPrefix, 0) != 0)
    return std::nullopt;
  const char* number = file.c_str() + std::strlen(kComponentPrefix);
  char* end = nullptr;
  const auto ifindex = static_cast<std::uint32_t>(std::strtoul(number, &end, 10));
  if (*end != '_')
    return std::nullopt;
  return std::pair{ifindex, name_of_pin(end + 1)};
}

std::string guard_pin(const std::string& instance, const char* prefix, std::uint32_t ifindex) {
  return pin_directory(instance) + "/" + prefix + std::to_string(ifindex);
}

std::optional<std::uint32_t> interface_of_guard(const std::string& file) {
  for (const char* prefix : {kGuardLinkPrefix, kGuardFilterPrefix}) {
    if (file.rfind(prefix, 0) == 0)
      return static_cast<std::uint32_t>(std::strtoul(file.c_str() + std::strlen(prefix), nullptr, 10));
  }
  return std::nullopt;
}

std::uint32_t guard_handle(const std::string& directory) {
  std::uint32_t hash = 2166136261; // FNV-1a: the next start, and vrrpctl, come to the same
  for (const char letter : directory)
    hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619;
  return (hash & 0x3fffffff) | 0x40000000; // none of the small numbers that others choose
}

Status add_component(const std::string& instance, DownTimer timer, std::uint32_t ifindex,
                     const std::string& interface) {
  const LogCapture log;
  const Skeleton skeleton = open_programs(timer);
  if (!skeleton)
    return system_error("opening the BPF programs\n" + load_log);
  for (bpf_program* other : {skeleton->progs.xvrrp_in, skeleton->progs.xvrrp_tx, skeleton->progs.xvrrp_guard,
                             skeleton->progs.xvrrp_control})
    bpf_program__set_autoload(other, false);
  if (auto status = reuse_maps(*skeleton, pin_directory(instance)); !status)
    return status;
  auto status = join_dispatcher(skeleton->obj, bpf_map__fd(skeleton->maps.if_policy), ifindex);
  if (status)
    return status;
  return Error{ErrorKind::Conflict, interface + ": " + status.error().message +
                                        "; to make room: xdp-loader unload " + interface + " --all\n" +
                                        load_log};
}

void release(const std::string& pin) {
  const BpfFd pinned{bpf_obj_get(pin.c_str())};
  if (!pinned)
    return;
  const fs::path path{pin};
  const std::string file = path.filename();
  if (const auto interface = interface_of_component(file)) {
    const LogCapture log;
    (void)leave_dispatcher(pinned.get(), interface->first);
  } else if (file.rfind(kGuardFilterPrefix, 0) == 0) {
    detach_filter(*interface_of_guard(file), Direction::Arriving,
                  guard_handle(path.parent_path().filename()));
  } else {
    bpf_link_detach(pinned.get());
  }
}

Status load_and_pin(const std::string& instance, const xv_info& info, DownTimer timer) {
  if (auto status = require_bpffs(); !status)
    return status;
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

  const std::string staging = staging_directory(instance);
  if (auto status = remove_directory(staging); !status)
    return status;
  if (auto status = make_directory(staging); !status)
    return status;
  auto pinned = pin_maps(*skeleton, staging);
  if (pinned)
    pinned = pin_programs(*skeleton, staging);
  if (!pinned) {
    (void)remove_directory(staging);
    return pinned;
  }
  if (rename(staging.c_str(), pin_directory(instance).c_str()) != 0) {
    auto error = system_error("renaming " + staging);
    (void)remove_directory(staging);
    return error;
  }
  return Done{};
}

Status replace_programs(const std::string& instance, DownTimer timer) {
  const std::string directory = pin_directory(instance);
  Skeleton skeleton;
  {
    const LogCapture log;
    skeleton = open_programs(timer);
    if (!skeleton)
      return system_error("opening the BPF programs\n" + load_log);
    if (auto status = reuse_maps(*skeleton, directory); !status)
      return status;
    if (const int error = xvrrp_xdp::load(skeleton.get()); error != 0)
      return system_error("loading the BPF programs on the maps of " + directory + "\n" + load_log, -error);
  }
  const std::string staging = staging_directory(instance);
  if (auto status = remove_directory(staging); !status)
    return status;
  if (auto status = make_directory(staging); !status)
    return status;
  auto status = pin_programs(*skeleton, staging);
  if (status)
    status = update_links(bpf_program__fd(skeleton->progs.xvrrp_rx), directory);
  if (status)
    status = update_components(instance, timer);
  for (const char* program_name : kPrograms) {
    const std::string from = staging + "/" + program_name;
    const std::string to = directory + "/" + program_name;
    if (status && rename(from.c_str(), to.c_str()) != 0)
      status = system_error("renaming " + from);
  }
  (void)remove_directory(staging);
  return status;
}

Status remove_pins(const std::string& instance) {
  release_all(pin_directory(instance));
  if (auto status = remove_directory(pin_directory(instance)); !status)
    return status;
  return remove_directory(staging_directory(instance));
}

} // namespace xvrrp::dataplane
