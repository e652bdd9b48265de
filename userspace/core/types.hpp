// SPDX-License-Identifier: BSD-2-Clause
// What goes into the protocol and what comes out of it: configuration, events, actions. Plain data, no
// behaviour. Names are RFC 9568's, with Master for its Active and Backup for its Backup (see
// docs/architecture.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/time.hpp>

namespace xvrrp::core {

enum class Version : std::uint8_t { V2 = 2, V3 = 3 };
enum class State : std::uint8_t { Init, Backup, Master, Fault };
inline constexpr std::size_t kStateCount = 4;

/// Priorities with a meaning of their own (RFC 9568 section 5.2.4).
inline constexpr std::uint8_t kPriorityStopping = 0;
inline constexpr std::uint8_t kPriorityOwner = 255;

/// Gratuitous ARP (IPv6: unsolicited NA) schedule of a Master. The first one per address follows the takeover
/// at once.
struct AnnounceSchedule {
  std::uint16_t repeat = 5;         ///< announcements of each address per burst, >= 1
  Nanoseconds second_burst_delay{}; ///< from entering Master to the second burst; 0: no second burst
  Nanoseconds refresh_interval{};   ///< period of refreshes while Master; 0: none
  std::uint16_t refresh_repeat = 1; ///< announcements per refresh, >= 1
  /// After an advert that loses: its sender may have been believed to have the addresses. 0: none.
  std::uint16_t contested_repeat = 0;
  Nanoseconds contested_delay{}; ///< from then to another burst; 0: none
  friend bool operator==(const AnnounceSchedule&, const AnnounceSchedule&) = default;
};

/// The shortest interval that adverts can announce; a shorter one is announced as this.
inline constexpr Nanoseconds kShortestAnnounced{Centiseconds{1}};

/// One virtual router, as configured; Reconfigured replaces it.
struct RouterConfig {
  std::uint8_t vrid = 0; ///< 1..255
  Family family = Family::IPv4;
  Version version = Version::V2;
  std::uint8_t priority = 100; ///< 1..255; 255 is the address owner; PriorityChanged replaces it
  Nanoseconds advertisement_interval{std::chrono::seconds{1}}; ///< v2: whole seconds; v3: 1 ms .. 40.95 s
  std::uint8_t down_adverts = 3;                               ///< intervals in Master_Down_Interval
  bool preempt = true;                                         ///< Preempt_Mode
  Nanoseconds preempt_delay{};                                 ///< wait before preempting a lower priority
  bool answer_lower_priority = true;    ///< Master answers a losing advert at once (RFC 9568 6.4.3)
  bool advertise_when_yielding = false; ///< Master sends one last advert when it yields (keepalived)
  bool owner_ignores_adverts = false;   ///< RFC 9568 7.1 without erratum 8298: the owner heeds no advert
  bool synchronized = false;            ///< of a sync group: it becomes Master when all of the group want to
  bool v2_interop = false;              ///< v3 over IPv4 that hears (and sends) v2 too (RFC 9568 8.4)
  Nanoseconds release_delay{}; ///< a Master that resigns gracefully goes on for so long beside its successor
  Nanoseconds startup_delay{}; ///< in INIT, from Startup on; nothing is sent or heard meanwhile
  IpAddress primary_address;   ///< source of our adverts; decides between equal priorities
  AnnounceSchedule announce;
  friend bool operator==(const RouterConfig&, const RouterConfig&) = default;
};

/// A received advert that passed every check of RFC 9568 section 7.1.
struct Advert {
  IpAddress source;
  std::uint8_t priority = 0;
  Nanoseconds interval{};        ///< that it teaches: Max Advertise Interval (v2: Adver Int), rules/pace.h,
                                 ///< rules/patience.h
  Version version = Version::V3; ///< looked at in v2_interop only: else it is the router's own
};

enum class TimerId : std::uint8_t {
  MasterDown,
  Advertisement,
  PreemptDelay,
  Announce,
  StartupDelay,
  Resignation, ///< how long a Master that resigns gracefully waits for its successor
};
inline constexpr std::size_t kTimerCount = 6;
/// Distinguishes the arming of a timer from earlier ones of the same id: an expiry with an old generation is
/// ignored.
using Generation = std::uint32_t;

/// Why a transition happened.
enum class Reason : std::uint8_t {
  Startup,         ///< the router was started
  Shutdown,        ///< the router was stopped
  OwnerStartup,    ///< priority 255 goes to Master at once (RFC 9568 6.4.1)
  MasterSilent,    ///< Master_Down_Timer expired after the Master fell silent, or none was ever heard
  MasterResigned,  ///< Master_Down_Timer expired after a priority 0 advert
  Preempted,       ///< Master_Down_Timer expired while a Master of lower priority was heard
  HigherPriority,  ///< another Master has a higher priority
  HigherAddress,   ///< another Master has the same priority and a greater address
  InterfaceDown,   ///< FAULT: the interface lost its carrier or was set down
  InterfaceGone,   ///< FAULT: there is no interface of that name (deleted, renamed, moved, not there yet)
  NotAttached,     ///< FAULT: the interface does not carry the data plane's programs
  NoSourceAddress, ///< FAULT: the interface has no address that our adverts could come from
  Drained,         ///< FAULT: the operator took the router out of service
  FaultCleared,    ///< what caused FAULT is over
  Resumed,         ///< taken over from an earlier process, where that left it
  TrackedDown,     ///< FAULT: something that the router tracks is down
  GroupFault,      ///< FAULT: another router of the sync group is in FAULT
  GroupYielded,    ///< another router of the sync group is no longer Master
};
inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::GroupYielded) + 1;

// ---- events ----
struct Startup {};
struct Shutdown {
  bool graceful = false; ///< a Master goes on until it hears its successor
};
struct AdvertReceived {
  Advert advert;
};
struct TimerExpired {
  TimerId timer;
  Generation generation;
  /// When it was due by whoever keeps it, who may know of adverts that we were not told of; zero: as we
  /// think.
  Instant due{};
};
/// Something the router cannot work without is missing; `cause` is one of the Reasons of FAULT; at Drained a
/// Master resigns gracefully.
struct FaultRaised {
  Reason cause;
};
struct FaultCleared {};
/// Our adverts come from this address from now on.
struct SourceChanged {
  IpAddress address;
};
/// What the router tracks went up or down: this is its priority from now on, 1..254. It counts from the next
/// advert on, sent or heard. Never of an address owner.
struct PriorityChanged {
  std::uint8_t priority;
};
/// Every router of the sync group wants to be Master.
struct GroupTakesOver {};
/// Another router of the sync group has yielded.
struct GroupYields {};
/// The operator changed the configuration; VRID and family are the same, and so is primary_address, which
/// SourceChanged sets.
struct Reconfigured {
  RouterConfig config;
};
/// Instead of Startup: an earlier process ran this router, and the network does not know that it ended.
struct Resumed {
  State state;            ///< Master (believed until now) or Backup
  Generation master_down; ///< generation of Master_Down_Timer in its keeper, which goes on with it
  Instant deadline{};     ///< Backup: when Master_Down_Timer expires
  Nanoseconds master_adver_interval{};
  IpAddress master; ///< Backup: whom it heard last; unspecified: nobody
  std::uint8_t master_priority = 0;
};
using Event =
    std::variant<Startup, Shutdown, AdvertReceived, TimerExpired, FaultRaised, FaultCleared, SourceChanged,
                 PriorityChanged, GroupTakesOver, GroupYields, Reconfigured, Resumed>;

// ---- actions, to be executed in order ----
struct SendAdvert {
  std::uint8_t priority;
};
/// Arms `timer` to expire at `at`; replaces an earlier arming of the same timer.
struct ArmTimer {
  TimerId timer;
  Instant at;
  Generation generation;
};
struct StopTimer {
  TimerId timer;
};
struct InstallAddresses {};
struct RemoveAddresses {};
/// One gratuitous ARP request (IPv6: unsolicited NA) for each virtual address.
struct AnnounceAddresses {};
struct StateEntered {
  State from;
  State to;
  Reason reason;
};
/// The Master is down; GroupTakesOver is waited for.
struct WantMaster {};
using Action = std::variant<SendAdvert, ArmTimer, StopTimer, InstallAddresses, RemoveAddresses,
                            AnnounceAddresses, StateEntered, WantMaster>;

/// The actions of one step: fixed capacity, no allocation.
class Actions {
public:
  static constexpr std::size_t kCapacity = 12;
  /// More than kCapacity actions in one step is a defect of the core; it is asserted, and the excess is
  /// dropped.
  void push(const Action& action);
  const Action* begin() const { return items_.data(); }
  const Action* end() const { return items_.data() + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Action& operator[](std::size_t index) const { return items_[index]; }

private:
  std::array<Action, kCapacity> items_{};
  std::size_t size_ = 0;
};

const char* name(TimerId timer);     ///< "master-down"
const char* name(State state);       ///< "INIT", "BACKUP", "MASTER", "FAULT"
const char* name(Reason reason);     ///< lower case with dashes, as in `vrrpctl status --json`
const char* describe(Reason reason); ///< a clause for people: "the Master fell silent"

} // namespace xvrrp::core
