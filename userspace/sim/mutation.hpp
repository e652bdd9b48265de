// SPDX-License-Identifier: BSD-2-Clause
// A router that is wrong on purpose: how a test proves that a checker can fail.
#pragma once

#include <memory>

#include "core/router.hpp"
#include "election/effects.hpp"

namespace xvrrp::sim {

/// Stands between the network and each router, and may change what goes in and what comes out.
class Mutation {
public:
  virtual ~Mutation() = default;
  /// Of the protocol. Its hosts' elections hear of every advert (PlaneKind::EveryAdvert).
  virtual core::Actions step(core::Router& router, Instant now, const core::Event& event) {
    return router.step(now, event);
  }
  /// Of the election: what it does in place of `real`. None: what it should.
  virtual std::unique_ptr<election::Effects> replace(election::Effects& /*real*/) { return nullptr; }
  /// Whether it is one of the protocol.
  virtual bool is_of_protocol() const { return true; }
};

} // namespace xvrrp::sim
