// SPDX-License-Identifier: BSD-2-Clause
// What the manager thread tells the election thread, and the reverse. Small values in bounded queues.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <variant>

#include <xvrrp/abi/types.h>

#include "core/types.hpp"

namespace xvrrp::election {

struct Fleet;
struct Frames;
struct Plan;

// ---- commands: manager -> election ----
/// Shutdown of every router; the thread runs on.
struct StopRouters {
  bool graceful;
};
struct StartRouter {
  std::size_t router;
};
struct StopRouter {
  std::size_t router;
  bool graceful;
};
/// The last command in a fleet's queue: the thread goes on with the other fleet as soon as nothing is half
/// done.
struct UseFleet {
  Fleet* fleet;
};
struct RaiseFault {
  std::size_t router;
  core::Reason cause;
};
struct ClearFault {
  std::size_t router;
};
/// The router sends these from now on; who posts it owns them.
struct UseFrames {
  std::size_t router;
  const Frames* frames;
  IpAddress source; ///< of its adverts in them, ...
  std::uint8_t priority;
};
/// The same with the plan, for other interfaces; the router is in FAULT.
struct UsePlan {
  std::size_t router;
  const Plan* plan;
};
/// Installs an address of the router's plan again, which somebody deleted, and announces it; unless the
/// router is not Master by then, or has another plan.
struct PutBack {
  std::size_t router;
  const Plan* plan;
  std::size_t address; ///< index in the plan; one that we install
};
/// Removes what a router that is not Master has left behind, for the kernel did not do it when the router
/// yielded; unless it is Master by then, or has another plan.
struct TakeAway {
  std::size_t router;
  const Plan* plan;
};
/// A last advert of every Master, whose leases then, if it leaves, last as long as Backups wait; the thread
/// ends.
struct HandOver {};
struct EndThread {};
/// Turn::answered() answers.
struct AreYouThere {
  std::uint64_t question;
};
/// The router's steps are taped from now on, after what it remembers now.
struct RecordSteps {
  std::size_t router;
  std::uint32_t recording; ///< its number; 0: no more
  std::uint32_t as;        ///< what the tape calls the router
};
using Command =
    std::variant<StopRouters, StartRouter, StopRouter, UseFleet, RaiseFault, ClearFault, UseFrames, UsePlan,
                 PutBack, TakeAway, HandOver, AreYouThere, RecordSteps, EndThread>;

/// What ends routers, or the thread, or changes the fleet: it has reserved room in the queue, for a router
/// that nobody stops, or a thread that nobody ends, could not be made good.
template <typename What>
concept LifeCycleCommand = std::same_as<What, StopRouters> || std::same_as<What, StopRouter> ||
    std::same_as<What, UseFleet> || std::same_as<What, HandOver> || std::same_as<What, EndThread>;

// ---- reports: election -> manager ----
/// What brought a transition about, as far as that says more than its reason.
struct Cause {
  enum class Kind : std::uint8_t {
    Other,
    Advert,     ///< one that was heard
    MasterDown, ///< Master_Down_Timer ran out
  };
  Kind kind = Kind::Other;
  core::Advert advert{};  ///< that one; MasterDown: the last of the Master, if one was heard (its source)
  Instant due{};          ///< MasterDown: when it was to run out
  Nanoseconds interval{}; ///< MasterDown: what it was set to: Master_Down_Interval or Skew_Time
};
struct Transition {
  std::size_t router;
  core::State from;
  core::State to;
  core::Reason reason;
  Instant at;
  Cause cause{};
  std::uint64_t number = 0; ///< counts the router's transitions, from 1 on; see RouterStatus::transitions
};
/// Bad packets were counted on an interface; the event describes one of them.
struct BadPackets {
  xv_event example;
};
/// A valid advert that the operator should know of, or a claim to an address; at most one of each kind per
/// router in kRemarkInterval.
struct Remark {
  enum class Kind : std::uint8_t {
    OtherInterval,  ///< v3: its Max Advertise Interval is not ours (learned; RFC 9568 7.1)
    OtherPace,      ///< its adverts do not come as often as our advert_int below 10 ms says, or oftener
    OtherAddresses, ///< its address list is not ours (RFC 9568 7.1)
    SamePriority,   ///< two Masters of one priority (RFC 9568 8.3.2)
    Claim,          ///< somebody says that he has a virtual address while we are Master (RFC 5227 2.4)
  };
  std::size_t router;
  Kind kind;
  xv_event event; ///< the advert, or the claim
};
inline constexpr std::size_t kRemarkKinds = 5;
inline constexpr Nanoseconds kRemarkInterval = std::chrono::minutes{1};
/// DEFEND_INTERVAL of RFC 5227 1.1: a Master answers claims to its addresses no oftener.
inline constexpr Nanoseconds kDefendInterval = std::chrono::seconds{10};
/// Something but an advert could not be sent (of adverts RouterStatus tells); at most one in ten seconds.
struct SendFailure {
  int error;             ///< errno
  std::uint32_t ifindex; ///< where; 0: it was of no interface
};
using Report = std::variant<Transition, BadPackets, Remark, SendFailure>;

} // namespace xvrrp::election
