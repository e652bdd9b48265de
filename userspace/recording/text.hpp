// SPDX-License-Identifier: BSD-2-Clause
// What went into the protocol and what came out of it, for people.
#pragma once

#include <string>

#include "core/types.hpp"

namespace xvrrp::recording {

/// "v3 priority 100 interval 1000ms from 192.0.2.1".
std::string text(const core::Advert& advert);
/// "advertisement expires".
std::string text(const core::Event& event);
/// "arm master-down in 3609.375000ms", with the time from `now` on, that of the step.
std::string text(const core::Action& action, Instant now);

} // namespace xvrrp::recording
