// SPDX-License-Identifier: BSD-2-Clause
#include "dataplane/features.hpp"

#include <algorithm>
#include <array>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/utsname.h>

#include "dataplane/tc_link.hpp"

namespace xvrrp::dataplane {
namespace {

constexpr std::uint32_t kLoopback = 1; // in every network namespace

bool has_xdp() {
  return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, nullptr) == 1;
}
bool has_ring_buffer() {
  return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) == 1;
}
bool has_syscall_programs() {
  return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, nullptr) == 1;
}
bool has_timer() {
  return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_timer_init, nullptr) == 1;
}
// Has no probe of its own; bpf_xdp_get_buff_len came with multi-buffer XDP.
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

constexpr std::array<Probe, 6> kProbes{{
    {{"xdp", "4.8", "filters and counts adverts before a socket buffer exists", nullptr}, has_xdp},
    {{"bpf_ringbuf", "5.8", "tells the controller what changed", nullptr}, has_ring_buffer},
    {{"bpf_syscall_prog", "5.14", "lets the controller arm timers in the kernel", nullptr},
     has_syscall_programs},
    {{"bpf_timer", "5.15", "runs Master_Down_Timer in the kernel", nullptr}, has_timer},
    {{"xdp_frags", "5.18", "attaches to interfaces with a large MTU", nullptr}, has_xdp_frags},
    {{"tcx", "6.6", "handles virtual MACs (use_vmac)", "filters of a clsact qdisc do"}, has_tcx},
}};

constexpr auto kInfos = [] {
  std::array<FeatureInfo, kProbes.size()> infos{};
  for (std::size_t i = 0; i < infos.size(); ++i)
    infos[i] = kProbes[i].info;
  return infos;
}();

} // namespace

std::span<const FeatureInfo> known_features() {
  return kInfos;
}

Result<std::vector<FeatureState>> probe_features(const std::vector<std::string>& disabled) {
  for (const auto& name : disabled) {
    if (std::none_of(kInfos.begin(), kInfos.end(),
                     [&](const FeatureInfo& info) { return name == info.name; })) {
      std::string known;
      for (const auto& info : kInfos)
        known += std::string{known.empty() ? "" : ", "} + info.name;
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
    if (feature.present || feature.info.without != nullptr)
      continue;
    utsname kernel{};
    uname(&kernel);
    return Error{ErrorKind::Unsupported, std::string{"this kernel ("} + kernel.release + ") lacks " +
                                             feature.info.name + ", in Linux since " + feature.info.since +
                                             ": xvrrp needs it because it " + feature.info.needed_for};
  }
  return Done{};
}

} // namespace xvrrp::dataplane
