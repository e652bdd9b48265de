// SPDX-License-Identifier: BSD-2-Clause
// vrrp_strict and strict_mode: only what the RFCs allow.
#pragma once

#include "config/instance.hpp"

namespace xvrrp::config {

/// Sets the draft back to what the RFC of its version allows, with a warning for each word that is ignored;
/// what cannot be set back is an error. Once version and priority are known, before what depends on them.
void enforce_rfc(InstanceDraft& draft);

} // namespace xvrrp::config
