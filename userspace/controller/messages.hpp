// SPDX-License-Identifier: BSD-2-Clause
// What the manager thread tells the election thread, and the reverse. Small values in bounded queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include <xvrrp/abi/types.h>

#include "core/types.hpp"

namespace xvrrp::controller {

// ---- commands: manager -> election ----
struct StartRouters {};
struct StopRouters {}; ///< Shutdown of every router; the thread runs on
struct RaiseFault {
  std::size_t router;
  core::Reason cause;
};
struct ClearFault {
  std::size_t router;
};
struct EndThread {};
using Command = std::variant<StartRouters, StopRouters, RaiseFault, ClearFault, EndThread>;

// ---- reports: election -> manager ----
struct Transition {
  std::size_t router;
  core::State from;
  core::State to;
  core::Reason reason;
  Instant at;
};
/// Bad packets were counted on an interface; the event describes one of them.
struct BadPackets {
  xv_event example;
};
/// Something could not be sent; at most one in ten seconds.
struct SendFailure {
  int error; ///< errno
};
using Report = std::variant<Transition, BadPackets, SendFailure>;

} // namespace xvrrp::controller
