// SPDX-License-Identifier: BSD-2-Clause
// What the running kernel can do, found by trying and never by its version: distributions backport.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::dataplane {

struct FeatureInfo {
  const char* name;       ///< as in --no-feature: "bpf_timer"
  const char* since;      ///< first mainline kernel that has it
  const char* needed_for; ///< what xvrrp does with it
  const char* without;    ///< what xvrrp does where it is missing; empty: it needs it, and refuses to start
  bool is_required() const { return *without == '\0'; }
};

struct FeatureState {
  FeatureInfo info;
  bool present; ///< false too when it was switched off by name
};

/// Probes the kernel for everything that the data plane uses; needs CAP_BPF. `disabled` are names to treat as
/// missing, so that fallbacks and refusals can be tried on any kernel; an unknown name is a Usage error that
/// lists the known ones.
Result<std::vector<FeatureState>> probe_features(const std::vector<std::string>& disabled);

/// Whether the feature of that name is present and not switched off.
bool has_feature(const std::vector<FeatureState>& features, std::string_view name);

/// Unsupported, naming the first required feature that is missing and since which kernel it exists.
Status require_features(const std::vector<FeatureState>& features);

/// Who keeps Master_Down_Timer.
enum class DownTimer : std::uint8_t {
  Kernel,     ///< a bpf_timer: a Backup's daemon sleeps until its Master is silent
  Controller, ///< the election thread, where the kernel refuses bpf_timer
};
const char* name(DownTimer timer); ///< "kernel", "controller"

/// What these features allow.
DownTimer down_timer(const std::vector<FeatureState>& features);

} // namespace xvrrp::dataplane
