// SPDX-License-Identifier: BSD-2-Clause
// What can be seen of a simulated network from outside: what routers are told and what they do about it.
#pragma once

#include <cstdint>
#include <vector>

#include <xvrrp/abi/types.h>

#include "core/types.hpp"
#include "sim/clock.hpp"

namespace xvrrp::sim {

/// One node's router of one virtual router: who acts or is acted upon. Groups are virtual routers, that is
/// (segment, VRID, family).
struct Seat {
  std::uint32_t index; ///< among all routers
  std::uint32_t group;
  std::uint32_t node;
  std::uint32_t segment;
  core::RouterConfig config; ///< in force; `primary_address` follows SourceChanged
};

/// One call of Router::step().
struct Step {
  const Seat& seat;
  Instant now; ///< what the router was told the time is
  Moment at;   ///< when it really happened
  const core::Event& event;
  const core::Actions& actions;
};

/// Everything is called in the order in which it happens. The default is to look away.
class Observer {
public:
  virtual ~Observer() = default;

  /// A router that was never started takes this seat: its node's daemon starts.
  virtual void configured(const Seat&, Moment) {}
  /// The router vanished without a word.
  virtual void gone(const Seat&, Moment) {}
  /// An advert that passed every check of RFC 9568 7.1 arrived at `arrival` by the node's clock. Its interval
  /// is the one that it teaches (rules/pace.h, rules/patience.h).
  virtual void heard(const Seat&, const core::Advert&, Instant /*arrival*/, Moment) {}
  /// News of the router that its election was not told, for there was too much of it in this second.
  virtual void limited(const Seat&, Moment) {}
  virtual void stepped(const Step&) {}
  /// An advert goes onto the wire. Follows the step that asked for it, if one did.
  virtual void sent(const Seat&, const core::Advert&, Moment) {}

  // ---- what a node's election does beside that; `now` is the node's time ----
  /// An advert that the kernel did not take.
  virtual void refused(const Seat&, Moment) {}
  /// The data plane was told the router's role.
  virtual void told(const Seat&, xv_role, Moment) {}
  /// The router may be believed to be Master until then, by its node's clock; 0: for ever.
  virtual void leased(const Seat&, std::uint64_t /*until_ns*/, Instant /*now*/, Moment) {}
  /// The router's addresses were installed, or removed.
  virtual void addressed(const Seat&, bool /*installed*/, Moment) {}
  /// They were announced.
  virtual void announced(const Seat&, Moment) {}
  /// The node has nothing more to do at this moment.
  virtual void rested(std::uint32_t /*node*/, Moment) {}

  /// The node's routers are not given the processor.
  virtual void paused(std::uint32_t /*node*/, Moment) {}
  /// They are again, and have caught up with what they missed.
  virtual void resumed(std::uint32_t /*node*/, Moment) {}
  /// From here on links lose, delay or reorder, interfaces are down or nodes are paused.
  virtual void broken(Moment) {}
  /// From here on nothing of this is the case any more; some nodes may be off.
  virtual void healed(Moment) {}

  /// Everything that is due before this moment has happened: what has not happened, is missing.
  virtual void audited(Moment, const std::vector<LocalClock>& /*of the nodes*/) {}
};

} // namespace xvrrp::sim
