// SPDX-License-Identifier: BSD-2-Clause
// What the running kernel can do, found by trying and never by its version: distributions backport.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::dataplane {

struct FeatureInfo {
  const char* name;       ///< as in --no-feature: "bpf_timer"
  const char* since;      ///< first mainline kernel that has it
  const char* needed_for; ///< what xvrrp does with it
};

struct FeatureState {
  FeatureInfo info;
  bool present; ///< false too when it was switched off by name
};

/// Every feature that the data plane needs.
std::span<const FeatureInfo> required_features();

/// Probes the kernel; needs CAP_BPF. `disabled` are names to treat as missing, so that refusals can be tried
/// on any kernel; an unknown name is a Usage error that lists the known ones.
Result<std::vector<FeatureState>> probe_features(const std::vector<std::string>& disabled);

/// Unsupported, naming the first missing feature and since which kernel it exists.
Status require_features(const std::vector<FeatureState>& features);

} // namespace xvrrp::dataplane
