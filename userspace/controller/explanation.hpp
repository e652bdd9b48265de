// SPDX-License-Identifier: BSD-2-Clause
// Why a virtual router is in its state: what `vrrpctl explain` shows, as JSON (schema 1).
#pragma once

#include <cstddef>

#include <nlohmann/json_fwd.hpp>

#include "controller/status.hpp"

namespace xvrrp::controller {

/// {"schema":1,"router":{...},"hearing":{...},"transitions":[...]}: the router as `vrrpctl status` has it,
/// what its kernel hears, and its latest transitions, newest first, each with its cause. Manager thread;
/// reads maps.
nlohmann::ordered_json explanation_json(const StatusSources& of, std::size_t router, Instant now);

} // namespace xvrrp::controller
