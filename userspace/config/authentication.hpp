// SPDX-License-Identifier: BSD-2-Clause
// The authentication block of a vrrp_instance.
#pragma once

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

Authentication read_authentication(Diagnostics& diagnostics, const Statement& block);

} // namespace xvrrp::config
