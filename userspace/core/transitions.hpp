// SPDX-License-Identifier: BSD-2-Clause
// The state machine as a table: RFC 9568 6.4 plus FAULT and preempt_delay. An event that has no row in a
// state is ignored there, but that Reconfigured counts from the next start on; SourceChanged, after which
// adverts come from another address, and PriorityChanged have no row anywhere, and a v2 advert that
// v2_interop makes superfluous (rules/interop.h) is no event. tests/core/transitions_test.cpp drives a Router
// into every row and compares what comes out; docs/state-machine.md is printed from it.
#pragma once

#include "core/types.hpp"

namespace xvrrp::core {

/// `actions` lists a step's actions in order, separated by ", "; "" is none, those in brackets depend on
/// configuration.
struct Transition {
  State from;
  State to;
  const char* event;
  const char* guard;
  const char* actions;
};

// clang-format off
inline constexpr Transition kTransitions[] = {
  {State::Init, State::Init, "Startup", "startup_delay is configured", "arm StartupDelay"},
  {State::Init, State::Fault, "Startup", "a fault is present", "enter"},
  {State::Init, State::Master, "Startup", "priority is 255",
   "advert, install, announce, arm Advertisement, [arm Announce], enter"},
  {State::Init, State::Backup, "Startup", "otherwise", "arm MasterDown, enter"},
  {State::Init, State::Fault, "StartupDelay", "a fault is present", "enter"},
  {State::Init, State::Master, "StartupDelay", "priority is 255",
   "advert, install, announce, arm Advertisement, [arm Announce], enter"},
  {State::Init, State::Backup, "StartupDelay", "otherwise", "arm MasterDown, enter"},
  {State::Init, State::Init, "Shutdown", "", "[stop StartupDelay]"},
  {State::Init, State::Master, "Resumed", "it was Master",
   "advert, install, announce, arm Advertisement, [arm Announce], enter"},
  {State::Init, State::Fault, "Resumed", "it was Master, a fault is present", "advert 0, remove, enter"},
  {State::Init, State::Backup, "Resumed", "it was Backup", "arm MasterDown, enter"},
  {State::Init, State::Fault, "Resumed", "it was Backup, a fault is present", "enter"},
  {State::Init, State::Master, "Resumed", "it was Backup, priority is 255",
   "advert, install, announce, arm Advertisement, [arm Announce], enter"},

  {State::Backup, State::Init, "Shutdown", "", "stop MasterDown, [stop PreemptDelay], enter"},
  {State::Backup, State::Fault, "FaultRaised", "", "stop MasterDown, [stop PreemptDelay], enter"},
  {State::Backup, State::Master, "MasterDown", "at its deadline",
   "advert, install, announce, [stop PreemptDelay], arm Advertisement, [arm Announce], enter"},
  {State::Backup, State::Backup, "MasterDown", "before its deadline", "arm MasterDown"},
  {State::Backup, State::Backup, "MasterDown", "in a sync group", "arm MasterDown, want"},
  {State::Backup, State::Master, "GroupTakesOver", "it wants to",
   "stop MasterDown, advert, install, announce, [stop PreemptDelay], arm Advertisement, [arm Announce], enter"},
  {State::Backup, State::Backup, "PreemptDelay", "", ""},
  {State::Backup, State::Backup, "Reconfigured", "", "[stop PreemptDelay], arm MasterDown"},
  {State::Backup, State::Backup, "Advert", "priority is 0", "arm MasterDown"},
  {State::Backup, State::Backup, "Advert", "priority is 0, of another than the Master", ""},
  {State::Backup, State::Backup, "Advert", "priority is not below ours", "[stop PreemptDelay], arm MasterDown"},
  {State::Backup, State::Backup, "Advert", "lower priority, we preempt", ""},
  {State::Backup, State::Backup, "Advert", "lower priority, preempt_delay is not over",
   "[arm PreemptDelay], arm MasterDown"},
  {State::Backup, State::Backup, "Advert", "lower priority, we do not preempt", "arm MasterDown"},

  {State::Master, State::Master, "Shutdown", "graceful",
   "advert 0, stop Advertisement, [stop Announce], arm Resignation"},
  {State::Master, State::Master, "FaultRaised", "drained",
   "advert 0, stop Advertisement, [stop Announce], arm Resignation"},
  {State::Master, State::Master, "Shutdown", "graceful, it resigns", ""},
  {State::Master, State::Master, "FaultRaised", "drained, it resigns", ""},
  {State::Master, State::Init, "Shutdown", "it resigns", "remove, stop Resignation, enter"},
  {State::Master, State::Fault, "FaultRaised", "it resigns", "remove, stop Resignation, enter"},
  {State::Master, State::Init, "FaultRaised", "it stops", "remove, stop Resignation, enter"},
  {State::Master, State::Master, "FaultCleared", "it is not drained", ""},
  {State::Master, State::Master, "FaultCleared", "it resigns",
   "stop Resignation, advert, announce, arm Advertisement, [arm Announce]"},
  {State::Master, State::Master, "Advert", "it resigns, priority is 0", ""},
  {State::Master, State::Master, "Advert", "it resigns, release_delay is configured", "arm Resignation"},
  {State::Master, State::Fault, "Advert", "it resigns", "stop Resignation, remove, enter"},
  {State::Master, State::Fault, "Resignation", "it was drained", "remove, enter"},
  {State::Master, State::Init, "Resignation", "it stops", "remove, enter"},
  {State::Master, State::Backup, "GroupYields", "",
   "advert 0, remove, stop Advertisement, [stop Announce], arm MasterDown, enter"},
  {State::Master, State::Fault, "GroupYields", "it was drained", "remove, stop Resignation, enter"},
  {State::Master, State::Init, "GroupYields", "it stops", "remove, stop Resignation, enter"},
  {State::Master, State::Init, "Shutdown", "", "advert 0, remove, stop Advertisement, [stop Announce], enter"},
  {State::Master, State::Fault, "FaultRaised", "", "advert 0, remove, stop Advertisement, [stop Announce], enter"},
  {State::Master, State::Master, "Advertisement", "", "advert, arm Advertisement"},
  {State::Master, State::Master, "Announce", "", "announce, [arm Announce]"},
  {State::Master, State::Master, "Reconfigured", "", "advert, arm Advertisement, [stop Announce], [arm Announce]"},
  {State::Master, State::Master, "Reconfigured", "it resigns", ""},
  {State::Master, State::Master, "Advert", "priority is 0", "advert, arm Advertisement"},
  {State::Master, State::Backup, "Advert", "higher priority",
   "[advert], remove, stop Advertisement, [stop Announce], arm MasterDown, enter"},
  {State::Master, State::Backup, "Advert", "equal priority, greater address",
   "[advert], remove, stop Advertisement, [stop Announce], arm MasterDown, enter"},
  {State::Master, State::Master, "Advert", "it loses", "advert, [announce], [arm Announce]"},
  {State::Master, State::Master, "Advert", "it loses, but an answer was just sent, or is not wanted",
   "[announce], [arm Announce]"},
  {State::Master, State::Master, "Advert", "equal priority, our own address", ""},
  {State::Master, State::Master, "Advert", "we own the addresses and ignore adverts", ""},

  {State::Fault, State::Init, "Shutdown", "", "enter"},
  {State::Fault, State::Fault, "FaultRaised", "", ""},
  {State::Fault, State::Master, "FaultCleared", "priority is 255",
   "advert, install, announce, arm Advertisement, [arm Announce], enter"},
  {State::Fault, State::Backup, "FaultCleared", "otherwise", "arm MasterDown, enter"},
};
// clang-format on

} // namespace xvrrp::core
