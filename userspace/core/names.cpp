// SPDX-License-Identifier: BSD-2-Clause
#include "core/types.hpp"

namespace xvrrp::core {

const char* name(State state) {
  switch (state) {
  case State::Init:
    return "INIT";
  case State::Backup:
    return "BACKUP";
  case State::Master:
    return "MASTER";
  case State::Fault:
    return "FAULT";
  }
  return "?";
}

const char* name(TimerId timer) {
  switch (timer) {
  case TimerId::MasterDown:
    return "master-down";
  case TimerId::Advertisement:
    return "advertisement";
  case TimerId::PreemptDelay:
    return "preempt-delay";
  case TimerId::Announce:
    return "announce";
  case TimerId::StartupDelay:
    return "startup-delay";
  case TimerId::Resignation:
    return "resignation";
  }
  return "?";
}

const char* name(Reason reason) {
  switch (reason) {
  case Reason::Startup:
    return "startup";
  case Reason::Shutdown:
    return "shutdown";
  case Reason::OwnerStartup:
    return "owner-startup";
  case Reason::MasterSilent:
    return "master-silent";
  case Reason::MasterResigned:
    return "master-resigned";
  case Reason::Preempted:
    return "preempted";
  case Reason::HigherPriority:
    return "higher-priority";
  case Reason::HigherAddress:
    return "higher-address";
  case Reason::InterfaceDown:
    return "interface-down";
  case Reason::InterfaceGone:
    return "interface-gone";
  case Reason::NotAttached:
    return "not-attached";
  case Reason::NoSourceAddress:
    return "no-source-address";
  case Reason::TrackedDown:
    return "tracked-down";
  case Reason::GroupFault:
    return "group-fault";
  case Reason::Drained:
    return "drained";
  case Reason::GroupYielded:
    return "group-yielded";
  case Reason::FaultCleared:
    return "fault-cleared";
  case Reason::Resumed:
    return "resumed";
  }
  return "?";
}

const char* describe(Reason reason) {
  switch (reason) {
  case Reason::Startup:
    return "the router was started";
  case Reason::Shutdown:
    return "the router was stopped";
  case Reason::OwnerStartup:
    return "the router owns the addresses (priority 255)";
  case Reason::MasterSilent:
    return "no advert came within Master_Down_Interval";
  case Reason::MasterResigned:
    return "the Master resigned (priority 0)";
  case Reason::Preempted:
    return "the Master had a lower priority and was preempted";
  case Reason::HigherPriority:
    return "another Master has a higher priority";
  case Reason::HigherAddress:
    return "another Master has the same priority and a greater address";
  case Reason::InterfaceDown:
    return "the interface is down or has no carrier";
  case Reason::InterfaceGone:
    return "there is no interface of that name";
  case Reason::NotAttached:
    return "the interface does not carry our programs";
  case Reason::NoSourceAddress:
    return "the interface has no address to send adverts from";
  case Reason::TrackedDown:
    return "something that it tracks is down";
  case Reason::GroupFault:
    return "another router of its sync group is in FAULT";
  case Reason::Drained:
    return "the operator took it out of service";
  case Reason::GroupYielded:
    return "another router of its sync group is no longer Master";
  case Reason::FaultCleared:
    return "the fault is over";
  case Reason::Resumed:
    return "taken over from an earlier xvrrpd";
  }
  return "?";
}

} // namespace xvrrp::core
