// SPDX-License-Identifier: BSD-2-Clause
// keepalived.json, as keepalived writes it on SIGRTMIN+2.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "controller/dump_model.hpp"

namespace xvrrp::controller {

/// By json_version: 1, an array of {"data":{...},"stats":{...}}; 2, {"vrrp":[...],"track_process":[...]}.
nlohmann::ordered_json dump_json(const DumpedState& state);

} // namespace xvrrp::controller
