// SPDX-License-Identifier: BSD-2-Clause
// The election: every virtual router's state, its adverts and its takeovers. What it does, Effects do.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "election/effects.hpp"
#include "election/fleet.hpp"
#include "election/outbox.hpp"
#include "election/tape.hpp"

namespace xvrrp::election {

/// The advert that an event of the data plane tells of.
core::Advert advert_of(const xv_event& event) noexcept;

/// Has no descriptor, makes no system call, does not allocate or take a lock (tests/core/check_pure.sh). What
/// it has to tell goes through the fleet's bounded queue; what the queue cannot take is counted.
///
/// One thread, but where it says so.
class Turn {
public:
  /// `keeps_down_timer`: Master_Down_Timer is kept here, for the data plane has none. Fleet, effects and tape
  /// outlive it.
  Turn(Fleet& fleet, Effects& effects, bool keeps_down_timer) noexcept;
  virtual ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  /// One round: what happened, what was commanded, what is due, and then what all of that has to have sent.
  void run() noexcept;
  /// An event of the data plane; called from Effects::take_events().
  void on_event(const xv_event& event) noexcept;

  /// Whether there is more to do at once.
  bool is_busy() const noexcept {
    return outbox_.has_address_changes() || next_ != nullptr || settled_ != running_;
  }
  /// Whether EndThread or HandOver was obeyed.
  bool has_ended() const noexcept { return ending_; }
  /// When the earliest timer is due.
  std::optional<Instant> next_deadline() const noexcept { return running_->deadlines.earliest(); }
  /// The fleet that runs.
  const Fleet& fleet() const noexcept { return *running_; }
  /// What RecordSteps writes to; set before the first one is posted.
  void use(Tape& tape) noexcept { tape_ = &tape; }

  // ---- any thread ----
  /// Turns in which something could not be sent.
  std::uint64_t send_failures() const noexcept { return send_failures_.load(std::memory_order_relaxed); }
  std::uint64_t lost_reports() const noexcept { return lost_reports_.load(std::memory_order_relaxed); }
  /// The last AreYouThere.
  std::uint64_t answered() const noexcept { return answered_.load(std::memory_order_relaxed); }

protected:
  /// One step of a router; the simulator looks on.
  virtual core::Actions advance(std::size_t index, Instant now, const core::Event& event) noexcept;
  Participant& at(std::size_t index) const noexcept { return *running_->members[index]; }

private:
  void on_claim(std::size_t index, const xv_event& event) noexcept;
  bool was_heard_since(const xv_event& event) const noexcept;
  void obey(const Command& command) noexcept;
  void expire_timers(Instant now) noexcept;
  void note_lateness(std::size_t index, Instant now) noexcept;
  std::optional<Instant> kept_deadline(std::size_t index) const noexcept;
  void follow_deadline(std::size_t index, const xv_event& event) noexcept;
  void expire_master_down(std::size_t index, Instant now) noexcept;
  void look_at_deadlines() noexcept;
  core::Actions step(std::size_t index, Instant now, const core::Event& event,
                     const Cause& cause = {}) noexcept;
  bool is_ours(core::TimerId timer) const noexcept;
  void execute(std::size_t index, const core::Action& action, Instant now, const Cause& cause) noexcept;
  void note_transition(std::size_t index, const core::StateEntered& entered, Instant now,
                       const Cause& cause) noexcept;
  void succeed(const Participant& router, Instant now) noexcept;
  void take_over_together(std::size_t index, Instant now) noexcept;
  void yield_together(std::size_t index, Instant now) noexcept;
  bool was_heard_meanwhile(const Participant& router) const noexcept;

  // Commands, one each.
  void on(const StopRouters& command, Instant now) noexcept;
  void on(const StartRouter& command, Instant now) noexcept;
  void on(const StopRouter& command, Instant now) noexcept;
  void on(const UseFleet& command, Instant now) noexcept;
  void on(const RaiseFault& command, Instant now) noexcept;
  void on(const ClearFault& command, Instant now) noexcept;
  void on(const UseFrames& command, Instant now) noexcept;
  void on(const UsePlan& command, Instant now) noexcept;
  void on(const PutBack& command, Instant now) noexcept;
  void on(const TakeAway& command, Instant now) noexcept;
  void on(const HandOver& command, Instant now) noexcept;
  void on(const AreYouThere& command, Instant now) noexcept;
  void on(const RecordSteps& command, Instant now) noexcept;
  void on(const EndThread& command, Instant now) noexcept;

  template <typename What>
  void tape(Participant& router, Instant now, const What& what) noexcept;
  void use_next_fleet() noexcept;
  void change_some_routers() noexcept;
  void end_old(RouterChange& change) noexcept;
  void begin_new(RouterChange& change) noexcept;
  void configure(std::size_t index) noexcept;
  void remark(std::size_t index, const xv_event& event) noexcept;
  void remark(std::size_t index, Remark::Kind kind, const xv_event& event) noexcept;
  void note_loser(std::size_t index, const core::Advert& advert) noexcept;
  void send_advert(std::size_t index, std::uint8_t priority) noexcept;
  void change_role(std::size_t index) noexcept;
  void tell_kernel(std::size_t index) noexcept;
  void tell_kernel_again(std::size_t index) noexcept;
  void note_told(std::size_t index, int error) noexcept;
  void flush(bool everything) noexcept;
  void report_send_failure(const SendError& error) noexcept;
  void report(const Report& report) noexcept;

  Effects& effects_;
  const bool keeps_down_timer_;
  Fleet* running_;
  Fleet* next_ = nullptr; ///< what it goes on with when nothing is half done
  const Fleet* settled_;  ///< whose changes are all made
  Outbox outbox_;
  Tape* tape_ = nullptr;         ///< once something was recorded
  bool reported_ = false;        ///< in this turn
  bool succeeds_ = false;        ///< in this turn a router took over from a Master that resigned
  std::size_t events_taken_ = 0; ///< in this turn
  std::uint64_t batch_ = 1;      ///< of adverts, which flush() sends
  Instant next_failure_report_{};
  bool ending_ = false;
  std::atomic<std::uint64_t> lost_reports_{0};
  std::atomic<std::uint64_t> send_failures_{0};
  std::atomic<std::uint64_t> answered_{0};
};

} // namespace xvrrp::election
