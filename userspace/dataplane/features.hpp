// SPDX-License-Identifier: BSD-2-Clause
// What the running kernel can do, found by trying and never by its version: distributions backport.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::dataplane {

struct FeatureInfo {
  const char* name;       ///< as in --no-feature: "bpf_timer"
  const char* since;      ///< first mainline kernel that has it
  const char* needed_for; ///< what xvrrp does with it
  const char* without;    ///< what it does where the kernel lacks it; null: nothing, it is needed
};

struct FeatureState {
  FeatureInfo info;
  bool present; ///< false too when it was switched off by name
};

/// Every feature that the data plane uses.
std::span<const FeatureInfo> known_features();

/// Probes the kernel; needs CAP_BPF. `disabled` are names to treat as missing, so that refusals can be tried
/// on any kernel; an unknown name is a Usage error that lists the known ones.
Result<std::vector<FeatureState>> probe_features(const std::vector<std::string>& disabled);

/// Whether the feature of that name is present and not switched off.
bool has_feature(const std::vector<FeatureState>& features, std::string_view name);

/// Unsupported, naming the first missing feature that is needed and since which kernel it exists.
Status require_features(const std::vector<FeatureState>& features);

} // namespace xvrrp::dataplane
