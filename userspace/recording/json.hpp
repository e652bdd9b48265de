// SPDX-License-Identifier: BSD-2-Clause
// Events, actions and routers as JSON, and back. All durations and moments are nanoseconds; absent values are
// null.
#pragma once

#include <nlohmann/json.hpp>

#include <xvrrp/base/result.hpp>

#include "core/router.hpp"

namespace xvrrp::recording {

using Json = nlohmann::ordered_json;

Json json(const core::Event& event);
Json json(const core::Actions& actions);
Json json(const core::Router& router);

/// Whatever the JSON is, these answer; the error says which field is wrong.
Result<core::Event> read_event(const Json& json);
Result<core::Router> read_router(const Json& json);

} // namespace xvrrp::recording
