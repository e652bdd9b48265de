// SPDX-License-Identifier: BSD-2-Clause
// A router that is wrong on purpose: how a test proves that a checker can fail.
#pragma once

#include "core/router.hpp"
#include "sim/observer.hpp"

namespace xvrrp::sim {

/// Stands between the network and each router, and may change what goes in and what comes out.
class Mutation {
public:
  virtual ~Mutation() = default;
  virtual core::Actions step(core::Router& router, const Seat& seat, Instant now,
                             const core::Event& event) = 0;
};

} // namespace xvrrp::sim
