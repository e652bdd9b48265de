// SPDX-License-Identifier: BSD-2-Clause
// One virtual router: the state machine of RFC 9568 section 6.4 (VRRPv3) and RFC 3768 section 6.4 (VRRPv2).
#pragma once

#include <cstdint>
#include <optional>

#include <xvrrp/rules/backup.h>
#include <xvrrp/rules/interop.h>

#include "core/announcer.hpp"
#include "core/timers.hpp"
#include "core/types.hpp"

namespace xvrrp::core {

/// The Master as this router knows it.
struct MasterSeen {
  IpAddress address;
  std::uint8_t priority = 0;
  friend bool operator==(const MasterSeen&, const MasterSeen&) = default;
};

/// A pure function with memory: what comes out depends on the configuration and the events alone. It reads no
/// clock, does no I/O, allocates nothing, throws nothing; every step is O(1). transitions.hpp is its table.
class Router {
public:
  explicit Router(const RouterConfig& config);

  /// `now` is when the event happened: for an advert its arrival, not when user space got to it. Otherwise
  /// the deadline computed here would be later than the kernel's.
  Actions step(Instant now, const Event& event);

  const RouterConfig& config() const { return config_; }
  State state() const { return state_; }
  Instant since() const { return since_; } ///< when the state was entered
  Reason reason() const {
    return reason_;
  } ///< why; in FAULT the latest cause; Shutdown before the first start
  /// Ourselves in Master; in Backup the sender of the last advert, unless it resigned; otherwise nobody.
  std::optional<MasterSeen> master() const;
  /// Backup: the sender of the last advert, with priority 0 if it resigned; nobody yet, or in another state:
  /// absent.
  const std::optional<MasterSeen>& last_heard() const { return heard_; }

  /// Master_Adver_Interval (RFC 9568: Active_Adver_Interval): learned in Backup (v3), otherwise our own.
  Nanoseconds master_adver_interval() const { return master_adver_interval_; }
  Nanoseconds skew_time() const;
  Nanoseconds master_down_interval() const;

  /// Whether a Backup of a sync group waits for the others: its Master is down.
  bool wants_master() const { return wants_master_; }
  /// Whether a Master has resigned and goes on until its successor is heard.
  bool resigns() const { return resignation_.has_value(); }
  /// Whether it has heard its successor: for release_delay both have the addresses.
  bool has_successor() const { return resignation_ && resignation_->has_successor; }
  /// Whether a Backup ignores adverts of lower priority now: Preempt_Mode, the owner's privilege,
  /// preempt_delay.
  bool preempts_now() const;
  /// What xv_backup_hears() needs: the kernel's view must be built from this one whenever it changes.
  xv_backup_view backup_view() const;

  Generation generation(TimerId id) const { return timers_.generation(id); }
  /// When `id` expires, if it is armed. MasterDown: not later than the kernel's deadline, which moves with
  /// every advert.
  std::optional<Instant> deadline(TimerId id) const { return timers_.deadline(id); }

private:
  friend struct Fields;
  struct Resignation {
    State to; ///< Init or Fault
    Reason reason;
    bool has_successor;
  };
  struct Heard {
    xv_backup_verdict verdict;
    xv_backup_timer timer;
  };

  template <typename... Events>
  void dispatch(const std::variant<Events...>& event, Instant now, Actions& out);
  void on(const Startup& event, Instant now, Actions& out);
  void on(const Shutdown& event, Instant now, Actions& out);
  void on(const AdvertReceived& event, Instant now, Actions& out);
  void on(const TimerExpired& event, Instant now, Actions& out);
  void on(const FaultRaised& event, Instant now, Actions& out);
  void on(const FaultCleared& event, Instant now, Actions& out);
  void on(const SourceChanged& event, Instant now, Actions& out);
  void on(const PriorityChanged& event, Instant now, Actions& out);
  void on(const GroupTakesOver& event, Instant now, Actions& out);
  void on(const GroupYields& event, Instant now, Actions& out);
  void on(const Reconfigured& event, Instant now, Actions& out);
  void on(const Resumed& event, Instant now, Actions& out);

  bool heeds(const Advert& advert, Instant now) const;
  void note_obeyed(const Advert& advert, Instant now);
  bool is_masters(const Advert& advert) const;
  void backup_hears(const Advert& advert, Instant now, Actions& out);
  void update_preempt_delay(const Advert& advert, Instant now, Actions& out);
  void master_hears(const Advert& advert, Instant now, Actions& out);
  bool outranks_us(const Advert& advert) const;
  void answer(Instant now, Actions& out);
  void assert_mastership(const Advert& advert, Instant now, Actions& out);
  void yield(const Advert& advert, Instant now, Reason reason, Actions& out);

  void master_is_down(Instant now, Actions& out);
  void advertise_on_schedule(Instant due, Instant now, Actions& out);
  void announce_on_schedule(Instant now, Actions& out);

  void leave_init(Instant now, Actions& out);
  void start(Instant now, Reason reason, Actions& out);
  void halt(State to, Instant now, Reason reason, Actions& out);
  void resign(Actions& out);
  bool stops() const;
  void resign_gracefully(State to, Reason reason, Instant now, Actions& out);
  void hear_successor(const Advert& advert, Instant now, Actions& out);
  void let_go(Instant now, Actions& out);
  void stay_master(Instant now, Actions& out);
  void enter_master(Instant now, Reason reason, Actions& out);
  void enter_backup(Instant master_down, Instant now, Reason reason, Actions& out);
  void enter(State to, Instant now, Reason reason, Actions& out);

  Heard apply_backup_rules(const Advert& advert, Instant now) const;
  Reason why_master_is_down() const;
  bool is_owner() const { return config_.priority == kPriorityOwner; }
  void forget_master();
  void expect_own_interval();
  void arm_announce(Actions& out);
  void stop(TimerId id, Actions& out);

  RouterConfig config_;
  State state_ = State::Init;
  Reason reason_ = Reason::Shutdown;
  Instant since_{};
  std::optional<Reason> fault_; ///< what is missing in the world, whether we run or not

  Timers timers_;
  Announcer announcer_;
  Nanoseconds master_adver_interval_;
  std::optional<MasterSeen> heard_;        ///< Backup: the last advert
  std::optional<Resignation> resignation_; ///< Master
  xv_interop interop_{};
  bool preempt_delay_over_ = false;    ///< Backup
  bool wants_master_ = false;          ///< Backup
  std::optional<Instant> last_assert_; ///< Master: when a losing advert was last answered
};

} // namespace xvrrp::core
