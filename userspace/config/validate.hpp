// SPDX-License-Identifier: BSD-2-Clause
// What must hold between the instances of a configuration.
#pragma once

#include <vector>

#include "config/diagnostics.hpp"
#include "config/instance.hpp"

namespace xvrrp::config {

/// Reports instances of the same name, and virtual routers with the same VRID, interface and family. The
/// IPv4 and the IPv6 virtual router of a VRID stand side by side (RFC 9568 5.2.3).
void validate(Diagnostics& diagnostics, const std::vector<InstanceDraft>& drafts);

} // namespace xvrrp::config
