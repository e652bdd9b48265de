// SPDX-License-Identifier: BSD-2-Clause
// The kernel's share of a router, as bpf/lib/liveness.h has it and on the same rules: it keeps
// Master_Down_Timer, moves it with every advert, and tells the core what is news. Not simulated are the limit
// on events per second and the loss of events, which need floods.
#pragma once

#include <cstdint>
#include <optional>

#include <xvrrp/rules/interop.h>
#include <xvrrp/rules/patience.h>

#include "core/router.hpp"

namespace xvrrp::sim {

class KernelShare {
public:
  struct Outcome {
    bool heeded = true;  ///< not a v2 advert that v3 ones make superfluous
    bool report = false; ///< the core is to hear of it
    bool moved = false;  ///< deadline() changed
  };

  /// The core entered a state, or wants its timer back: the election thread sends a role command.
  void follow(const core::Router& router);
  /// Whether lower priorities are ignored can change between transitions.
  void configure(const core::Router& router) { preempts_ = router.preempts_now(); }

  Outcome hear(const core::RouterConfig& config, const core::Advert& advert, Instant now);

  /// When Master_Down_Timer expires; nothing but in Backup.
  std::optional<Instant> deadline() const { return deadline_; }
  core::Generation generation() const { return generation_; }

private:
  core::State role_ = core::State::Init;
  core::Generation generation_ = 0;
  std::optional<Instant> deadline_;
  Nanoseconds interval_{};
  bool preempts_ = false;
  bool unreported_ = true;
  core::Advert last_;
  bool has_heard_ = false;
  xv_interop interop_{};
};

} // namespace xvrrp::sim
