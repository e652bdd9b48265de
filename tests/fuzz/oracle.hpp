// SPDX-License-Identifier: BSD-2-Clause
// A second reading of a frame, from the RFCs and not from xvrrp/wire: whether it is a valid advert, and what
// it says. What the parser accepts must be what this accepts, field by field.
#pragma once

#include <optional>

#include "fuzz/host.hpp"
#include "support/checksum.hpp"

namespace xvrrp::fuzz {

/// Nothing when the frame is no valid advert.
std::optional<xv_advert> read_advert(const test::Bytes& frame);

/// Aborts where parser and oracle disagree.
void require_agreement(const Parsed& parsed, const std::optional<xv_advert>& expected);

} // namespace xvrrp::fuzz
