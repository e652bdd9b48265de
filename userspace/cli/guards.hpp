// SPDX-License-Identifier: BSD-2-Clause
// What must hold before a command does anything.
#pragma once

#include <span>
#include <string>

#include <xvrrp/base/result.hpp>

#include "platform/capabilities.hpp"
#include "platform/interfaces.hpp"

namespace xvrrp::cli {

/// Permission, naming those that are missing.
Status require_capabilities(std::span<const platform::Capability> needed);
/// CAP_BPF: for reading maps.
Status require_bpf();
/// The interface of this network namespace, or a sentence.
Result<platform::Interface> require_interface(const std::string& name);

/// "vrrpctl unload eth0", with --instance where it is not the default one.
std::string command_line(const std::string& instance, const std::string& words);

} // namespace xvrrp::cli
