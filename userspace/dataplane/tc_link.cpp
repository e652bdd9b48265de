// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/tc_link.hpp"

#include <algorithm>
#include <array>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "dataplane/print_to.hpp"

namespace xvrrp::dataplane {
namespace {

/// BPF_TCX_INGRESS and BPF_TCX_EGRESS, which Debian 12's headers do not have.
constexpr int kTcxIngress = 46;
constexpr int kTcxEgress = 47;
/// By these our filter is found again: "xv", and before what is added without a priority.
constexpr std::uint32_t kFilterHandle = 0x7876;
constexpr std::uint32_t kFilterPriority = 0x7876;
constexpr std::array kDirections{Direction::Arriving, Direction::Leaving};

/// libbpf prints what the kernel says of a filter that is not there.
using Silence = PrintTo<libbpf_set_print>;

bpf_tc_hook hook_of(std::uint32_t ifindex, Direction direction) {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = static_cast<int>(ifindex);
  hook.attach_point = direction == Direction::Arriving ? BPF_TC_INGRESS : BPF_TC_EGRESS;
  return hook;
}

bpf_tc_opts our_filter(std::uint32_t handle) {
  bpf_tc_opts options{};
  options.sz = sizeof(options);
  options.handle = handle;
  options.priority = kFilterPriority;
  return options;
}

/// 0: there is no such filter.
std::uint32_t program_of_filter(std::uint32_t ifindex, Direction direction, std::uint32_t handle) {
  const Silence silence;
  const auto hook = hook_of(ifindex, direction);
  auto options = our_filter(handle);
  return bpf_tc_query(&hook, &options) == 0 ? options.prog_id : 0;
}

} // namespace

BpfFd attach_tcx(int program_fd, std::uint32_t ifindex, Direction direction) {
  const auto type = static_cast<bpf_attach_type>(direction == Direction::Arriving ? kTcxIngress : kTcxEgress);
  const int fd = bpf_link_create(program_fd, static_cast<int>(ifindex), type, nullptr);
  return fd >= 0 ? BpfFd{fd} : BpfFd{};
}

Status attach_filter(int program_fd, std::uint32_t ifindex, const std::string& interface, Direction direction,
                     std::uint32_t handle) {
  const Silence silence;
  auto hook = hook_of(ifindex, direction);
  if (const int error = bpf_tc_hook_create(&hook); error != 0 && error != -EEXIST)
    return system_error(interface + ": adding a clsact qdisc", -error);
  auto options = our_filter(handle);
  options.prog_fd = program_fd;
  options.flags = BPF_TC_F_REPLACE;
  if (const int error = bpf_tc_attach(&hook, &options); error != 0)
    return system_error(interface + ": attaching a TC program", -error);
  return Done{};
}

bool has_filter(std::uint32_t ifindex, Direction direction, std::uint32_t handle) {
  return program_of_filter(ifindex, direction, handle) != 0;
}

void detach_filter(std::uint32_t ifindex, Direction direction, std::uint32_t handle) {
  const Silence silence;
  const auto hook = hook_of(ifindex, direction);
  const auto options = our_filter(handle);
  bpf_tc_detach(&hook, &options);
}

Result<TcLink> attach_tc(int program_fd, std::uint32_t ifindex, const std::string& interface,
                         Direction direction, bool allow_tcx) {
  TcLink link;
  if (allow_tcx)
    link.fd = attach_tcx(program_fd, ifindex, direction);
  if (link.tcx())
    return link;
  if (auto status = attach_filter(program_fd, ifindex, interface, direction, kFilterHandle); !status)
    return std::move(status).error();
  return link;
}

bool has_filters(std::uint32_t ifindex) {
  return std::ranges::all_of(
      kDirections, [&](Direction direction) { return has_filter(ifindex, direction, kFilterHandle); });
}

void detach_filters(std::uint32_t ifindex, const std::function<bool(std::uint32_t)>& is_of_another) {
  for (const auto direction : kDirections) {
    const auto program = is_of_another ? program_of_filter(ifindex, direction, kFilterHandle) : 0;
    if (program == 0 || !is_of_another(program))
      detach_filter(ifindex, direction, kFilterHandle);
  }
}

} // namespace xvrrp::dataplane
