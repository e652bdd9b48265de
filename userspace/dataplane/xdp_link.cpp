// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/xdp_link.hpp"

#include <cstring>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include <xvrrp/abi/names.h>

#include "dataplane/loader.hpp"

namespace xvrrp::dataplane {
namespace {

/// libxdp's program that runs several others; the kernel names it so whoever attached it.
constexpr const char* kLibxdpDispatcher = "xdp_dispatcher";

std::string program_name(std::uint32_t id) {
  const BpfFd program{bpf_prog_get_fd_by_id(id)};
  bpf_prog_info info{};
  __u32 size = sizeof(info);
  if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0)
    return {};
  return info.name;
}

/// The xvrrp instance that pins the program; empty when none does.
std::string instance_of(std::uint32_t program_id) {
  const auto root = PinDirectory::root();
  for (const auto& name : root ? root->names() : std::vector<std::string>{}) {
    const auto pins = root->open(name);
    const auto program = pins ? pins->get(XV_PROG_RX) : Result<BpfFd>{pins.error()};
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    if (program && bpf_obj_get_info_by_fd(program->get(), &info, &size) == 0 && info.id == program_id)
      return name_of_pin(name);
  }
  return {};
}

/// Whether a bpf_link holds the program (else it was attached by netlink, as `ip link` does).
bool is_held_by_link(std::uint32_t program_id) {
  __u32 id = 0;
  while (bpf_link_get_next_id(id, &id) == 0) {
    const BpfFd link{bpf_link_get_fd_by_id(id)};
    bpf_link_info info{};
    __u32 size = sizeof(info);
    if (link && bpf_obj_get_info_by_fd(link.get(), &info, &size) == 0 && info.type == BPF_LINK_TYPE_XDP &&
        info.prog_id == program_id)
      return true;
  }
  return false;
}

int create_link(int program_fd, std::uint32_t ifindex, __u32 flags) {
  bpf_link_create_opts options{};
  options.sz = sizeof(options);
  options.flags = flags;
  return bpf_link_create(program_fd, static_cast<int>(ifindex), BPF_XDP, &options);
}

} // namespace

Error occupied(std::uint32_t ifindex, const std::string& interface) {
  bpf_xdp_query_opts query{};
  query.sz = sizeof(query);
  std::string who = "another XDP program";
  std::string remedy = "ip link set dev " + interface + " xdp off";
  if (bpf_xdp_query(static_cast<int>(ifindex), 0, &query) == 0 && query.prog_id != 0) {
    who =
        "the XDP program \"" + program_name(query.prog_id) + "\" (id " + std::to_string(query.prog_id) + ")";
    if (query.attach_mode == XDP_ATTACHED_SKB)
      remedy = "ip link set dev " + interface + " xdpgeneric off";
    if (program_name(query.prog_id) == kLibxdpDispatcher) {
      who = "libxdp's dispatcher (" + std::string{kLibxdpDispatcher} + ")";
      remedy = "xdp-loader unload " + interface + " --all";
    } else if (const auto instance = instance_of(query.prog_id); !instance.empty()) {
      who += " of xvrrp instance \"" + instance + "\"";
      remedy = "stop that instance's xvrrpd, or, if it is dead or was loaded by hand: vrrpctl --instance " +
               instance + " unload " + interface;
    } else if (is_held_by_link(query.prog_id))
      remedy = "end the program that holds it (bpftool link shows its bpf_link)";
  }
  return {ErrorKind::Conflict, interface + " already carries " + who + "; to make room: " + remedy};
}

const char* name(AttachMode mode) {
  return mode == AttachMode::Native ? "native" : "skb";
}

bool is_as_wanted(AttachMode is, WantedMode wanted) {
  return wanted == WantedMode::Auto || (wanted == WantedMode::Native) == (is == AttachMode::Native);
}

Result<XdpLink> attach_xdp(int program_fd, std::uint32_t ifindex, const std::string& interface,
                           WantedMode wanted) {
  XdpLink link;
  int error = 0;
  if (wanted != WantedMode::Skb) {
    const int fd = create_link(program_fd, ifindex, XDP_FLAGS_DRV_MODE);
    if (fd >= 0) {
      link.fd = BpfFd{fd};
      return link;
    }
    error = -fd;
    if (error == EBUSY || error == EEXIST)
      return occupied(ifindex, interface);
    if (wanted == WantedMode::Native)
      return Error{ErrorKind::Unsupported, interface + ": native XDP was refused (" + std::strerror(error) +
                                               "); its driver may lack it: try --mode skb"};
    link.fallback = std::strerror(error);
  }
  const int fd = create_link(program_fd, ifindex, XDP_FLAGS_SKB_MODE);
  if (fd < 0) {
    error = -fd;
    return error == EBUSY || error == EEXIST ? occupied(ifindex, interface)
                                             : system_error(interface + ": attaching XDP in skb mode", error);
  }
  link.fd = BpfFd{fd};
  link.mode = AttachMode::Skb;
  return link;
}

std::uint32_t attached_program(std::uint32_t ifindex) {
  bpf_xdp_query_opts query{};
  query.sz = sizeof(query);
  return bpf_xdp_query(static_cast<int>(ifindex), 0, &query) == 0 ? query.prog_id : 0;
}

Result<AttachMode> query_mode(std::uint32_t ifindex, const std::string& interface) {
  bpf_xdp_query_opts query{};
  query.sz = sizeof(query);
  const int error = bpf_xdp_query(static_cast<int>(ifindex), 0, &query);
  if (error != 0)
    return system_error(interface + ": asking for its XDP program", -error);
  if (query.prog_id == 0)
    return Error{ErrorKind::NotRunning, interface + " carries no XDP program"};
  return query.attach_mode == XDP_ATTACHED_SKB ? AttachMode::Skb : AttachMode::Native;
}

} // namespace xvrrp::dataplane
