// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/features.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/utsname.h>

#include "dataplane/print_to.hpp"
#include "dataplane/tc_link.hpp"
#include "timer_probe.skel.h"

namespace xvrrp::dataplane {
namespace {

constexpr const char* kTimer = "bpf_timer";
constexpr std::uint32_t kLoopback = 1; // in every network namespace

bool has_xdp() {
  return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, nullptr) == 1;
}
bool has_mmapable_arrays() {
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.map_flags = BPF_F_MMAPABLE;
  return static_cast<bool>(BpfFd{bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 8, 1, &options)});
}
bool has_ring_buffer() {
  return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) == 1;
}
bool has_syscall_programs() {
  return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, nullptr) == 1;
}
/// By loading a program that has one: where the helper is there and refused (PREEMPT_RT), asking for the
/// helper finds it.
bool has_timer() {
  const PrintTo<libbpf_set_print> silence; // a refusal is an answer
  timer_probe* probe = timer_probe::open_and_load();
  timer_probe::destroy(probe);
  return probe != nullptr;
}
/// Has no probe of its own; bpf_xdp_get_buff_len came with multi-buffer XDP.
bool has_xdp_frags() {
  return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_get_buff_len, nullptr) == 1;
}

/// Asks for nothing more than leave: a program that does nothing, on the loopback interface, and away again.
bool has_tcx() {
  const std::array<bpf_insn, 2> next{
      {{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, -1}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}}};
  const BpfFd program{
      bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "probe_tcx", "GPL", next.data(), next.size(), nullptr)};
  const auto link = attach_tcx(program.get(), kLoopback, Direction::Leaving);
  return static_cast<bool>(link);
}

struct Probe {
  FeatureInfo info;
  bool (*present)();
};

/// In the order of Linux versions.
constexpr std::array<Probe, 7> kProbes{{
    {{"xdp", "4.8", "filters and counts adverts before a socket buffer exists", ""}, has_xdp},
    {{"bpf_mmapable", "5.5", "renews a Master's lease without a system call", ""}, has_mmapable_arrays},
    {{"bpf_ringbuf", "5.8", "tells the controller what changed", ""}, has_ring_buffer},
    {{"bpf_syscall_prog", "5.14", "lets the controller tell the kernel a virtual router's role", ""},
     has_syscall_programs},
    {{kTimer, "5.15", "runs Master_Down_Timer in the kernel", "the controller keeps Master_Down_Timer"},
     has_timer},
    {{"xdp_frags", "5.18", "attaches to interfaces with a large MTU", ""}, has_xdp_frags},
    {{"tcx", "6.6", "handles virtual MACs, guards other interfaces", "filters of a clsact qdisc do"},
     has_tcx},
}};

} // namespace

Result<std::vector<FeatureState>> probe_features(const std::vector<std::string>& disabled) {
  for (const auto& name : disabled) {
    if (std::none_of(kProbes.begin(), kProbes.end(),
                     [&](const Probe& probe) { return name == probe.info.name; })) {
      std::string known;
      for (const auto& probe : kProbes)
        known += std::string{known.empty() ? "" : ", "} + probe.info.name;
      return Error{ErrorKind::Usage, "--no-feature: \"" + name + "\" is not one of " + known};
    }
  }
  std::vector<FeatureState> features;
  for (const auto& probe : kProbes) {
    const bool off = std::find(disabled.begin(), disabled.end(), probe.info.name) != disabled.end();
    features.push_back({probe.info, !off && probe.present()});
  }
  return features;
}

bool has_feature(const std::vector<FeatureState>& features, std::string_view name) {
  return std::any_of(features.begin(), features.end(), [&](const FeatureState& feature) {
    return feature.info.name == name && feature.present;
  });
}

Status require_features(const std::vector<FeatureState>& features) {
  for (const auto& feature : features) {
    if (feature.present || !feature.info.is_required())
      continue;
    utsname kernel{};
    uname(&kernel);
    return Error{ErrorKind::Unsupported, std::string{"this kernel ("} + kernel.release + ") lacks " +
                                             feature.info.name + ", in Linux since " + feature.info.since +
                                             ": xvrrp needs it because it " + feature.info.needed_for};
  }
  return Done{};
}

const char* name(DownTimer timer) {
  return timer == DownTimer::Kernel ? "kernel" : "controller";
}

DownTimer down_timer(const std::vector<FeatureState>& features) {
  const bool here = std::any_of(features.begin(), features.end(), [](const FeatureState& feature) {
    return feature.present && std::string_view{feature.info.name} == kTimer;
  });
  return here ? DownTimer::Kernel : DownTimer::Controller;
}

} // namespace xvrrp::dataplane
