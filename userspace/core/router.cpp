// SPDX-License-Identifier: BSD-2-Clause
#include "core/router.hpp"

#include <algorithm>

#include <xvrrp/rules/master.h>

namespace xvrrp::core {
namespace {

static_assert(kPriorityOwner == XV_RULES_PRIORITY_OWNER && kPriorityStopping == XV_RULES_PRIORITY_STOPPING);

Nanoseconds from_ns(std::uint64_t ns) {
  return Nanoseconds{static_cast<std::int64_t>(ns)};
}

/// At most one answer to losing adverts in this time. RFC 9568 6.4.3 answers each at once, which lets anyone
/// who sends them choose our rate, and two routers that both believe to win answer each other for ever. An
/// answer suppressed within 10 ms of another tells the loser nothing new; below 20 ms intervals the bound
/// shrinks with them, so that the loser is answered before it sends again.
constexpr Nanoseconds kAssertGuard{std::chrono::milliseconds{10}};

/// A Master that resigns waits for so long beyond the Skew_Time of the weakest Backup.
constexpr Nanoseconds kSuccessorMargin{std::chrono::milliseconds{200}};

} // namespace

Router::Router(const RouterConfig& config)
    : config_(config), announcer_(config.announce), master_adver_interval_(config.advertisement_interval) {}

Actions Router::step(Instant now, const Event& event) {
  Actions out;
  dispatch(event, now, out);
  return out;
}

/// Not std::visit, because that brings code that throws, and the core must hold none
/// (tests/core/check_pure.sh).
template <typename... Events>
void Router::dispatch(const std::variant<Events...>& event, Instant now, Actions& out) {
  const auto handle = [&](const auto* happened) {
    if (happened)
      on(*happened, now, out);
  };
  (handle(std::get_if<Events>(&event)), ...);
}

// ---- observers ----

std::optional<MasterSeen> Router::master() const {
  if (state_ == State::Master)
    return MasterSeen{config_.primary_address, config_.priority};
  if (heard_ && heard_->priority == kPriorityStopping)
    return std::nullopt;
  return heard_;
}

Nanoseconds Router::skew_time() const {
  return from_ns(xv_skew_ns(static_cast<std::uint8_t>(config_.version), config_.priority,
                            to_ns(master_adver_interval_)));
}

Nanoseconds Router::master_down_interval() const {
  return from_ns(xv_master_down_ns(static_cast<std::uint8_t>(config_.version), config_.priority,
                                   config_.down_adverts, to_ns(master_adver_interval_)));
}

bool Router::preempts_now() const {
  // RFC 9568 6.1: the owner always preempts. Nor does it wait.
  if (is_owner())
    return true;
  return config_.preempt && (config_.preempt_delay == Nanoseconds::zero() || preempt_delay_over_);
}

xv_backup_view Router::backup_view() const {
  const auto deadline = timers_.deadline(TimerId::MasterDown);
  return {.deadline_ns = deadline ? to_ns(*deadline) : 0,
          .interval_ns = to_ns(master_adver_interval_),
          .version = static_cast<std::uint8_t>(config_.version),
          .priority = config_.priority,
          .preempt = preempts_now(),
          .down_adverts = config_.down_adverts,
          .pad = {}};
}

// ---- events ----

void Router::on(const Startup&, Instant now, Actions& out) {
  if (state_ != State::Init || timers_.armed(TimerId::StartupDelay))
    return;
  if (config_.startup_delay > Nanoseconds::zero())
    out.push(timers_.start(TimerId::StartupDelay, now + config_.startup_delay));
  else
    leave_init(now, out);
}

void Router::on(const Shutdown& event, Instant now, Actions& out) {
  if (state_ == State::Init)
    stop(TimerId::StartupDelay, out);
  else if (state_ == State::Master && event.graceful)
    resign_gracefully(State::Init, Reason::Shutdown, now, out);
  else
    halt(State::Init, now, Reason::Shutdown, out);
}

void Router::on(const FaultRaised& event, Instant now, Actions& out) {
  fault_ = event.cause;
  if (state_ == State::Fault)
    reason_ = event.cause;
  else if (state_ == State::Master && event.cause == Reason::Drained)
    resign_gracefully(State::Fault, event.cause, now, out);
  else if (state_ != State::Init)
    halt(stops() ? State::Init : State::Fault, now, event.cause, out);
}

void Router::on(const FaultCleared&, Instant now, Actions& out) {
  fault_.reset();
  if (state_ == State::Fault)
    start(now, Reason::FaultCleared, out);
  else if (resigns() && !stops())
    stay_master(now, out);
}

void Router::on(const SourceChanged& event, Instant, Actions&) {
  config_.primary_address = event.address;
}

void Router::on(const PriorityChanged& event, Instant, Actions&) {
  config_.priority = event.priority;
}

void Router::on(const GroupTakesOver&, Instant now, Actions& out) {
  if (!wants_master_)
    return;
  stop(TimerId::MasterDown, out);
  enter_master(now, why_master_is_down(), out);
}

/// To the other Masters of the group this is as if they were stopped: their Backups need not wait.
void Router::on(const GroupYields&, Instant now, Actions& out) {
  if (state_ != State::Master)
    return;
  if (resigns())
    return let_go(now, out);
  resign(out);
  stop(TimerId::Advertisement, out);
  stop(TimerId::Announce, out);
  forget_master();
  expect_own_interval();
  enter_backup(now + master_down_interval(), now, Reason::GroupYielded, out);
}

/// R133: without a transition. A Master says at once what is new; a Backup listens as if it had just begun,
/// and goes on believing what it has learned of the Master's interval.
void Router::on(const Reconfigured& event, Instant now, Actions& out) {
  const auto address = config_.primary_address;
  config_ = event.config;
  config_.primary_address = address;
  announcer_.adopt(config_.announce, now);
  if (state_ == State::Backup) {
    stop(TimerId::PreemptDelay, out);
    preempt_delay_over_ = wants_master_ = false;
    if (!heard_ || config_.version == Version::V2)
      expect_own_interval();
    out.push(timers_.start(TimerId::MasterDown, now + master_down_interval()));
    return;
  }
  forget_master();
  if (state_ != State::Master || resigns())
    return;
  out.push(SendAdvert{config_.priority});
  out.push(timers_.start(TimerId::Advertisement, now + config_.advertisement_interval));
  stop(TimerId::Announce, out);
  arm_announce(out);
}

void Router::on(const Resumed& event, Instant now, Actions& out) {
  if (state_ != State::Init || timers_.armed(TimerId::StartupDelay))
    return;
  timers_.resume(TimerId::MasterDown, event.master_down);
  if (event.state == State::Master) {
    // With a fault it ends as a Master's end: nobody waits for it longer than need be.
    if (fault_) {
      resign(out);
      enter(State::Fault, now, *fault_, out);
    } else {
      enter_master(now, Reason::Resumed, out);
    }
  } else if (fault_ || is_owner()) {
    leave_init(now, out);
  } else {
    master_adver_interval_ = event.master_adver_interval;
    if (!event.master.is_unspecified())
      heard_ = MasterSeen{event.master, event.master_priority};
    out.push(timers_.move(TimerId::MasterDown, event.deadline));
    enter(State::Backup, now, Reason::Resumed, out);
  }
}

void Router::on(const AdvertReceived& event, Instant now, Actions& out) {
  if (!heeds(event.advert, now))
    return;
  if (state_ == State::Backup)
    backup_hears(event.advert, now, out);
  else if (state_ == State::Master)
    master_hears(event.advert, now, out);
}

/// Whether an advert that passed every check counts.
bool Router::heeds(const Advert& advert, Instant now) const {
  if (is_owner() && config_.owner_ignores_adverts)
    return false;
  return !config_.v2_interop || advert.version != Version::V2 ||
         xv_interop_shadows(&interop_, advert.source.bytes().data(), to_ns(now)) == 0;
}

/// The advert makes its sender our Master.
void Router::note_obeyed(const Advert& advert, Instant now) {
  if (config_.v2_interop && advert.version == Version::V3)
    xv_interop_obeys(&interop_, advert.source.bytes().data(), to_ns(advert.interval),
                     to_ns(config_.advertisement_interval), config_.down_adverts, to_ns(now));
}

/// Whether a Backup takes a resignation for the Master's.
bool Router::is_masters(const Advert& advert) const {
  const auto master = heard_.value_or(MasterSeen{}).address;
  return xv_is_masters(heard_ ? 1 : 0, master.bytes().data(), advert.source.bytes().data()) != 0;
}

void Router::on(const TimerExpired& event, Instant now, Actions& out) {
  if (!timers_.is_current(event.timer, event.generation))
    return;
  Instant due = *timers_.deadline(event.timer);
  if (event.due != Instant{})
    due = std::min(due, event.due);
  if (now < due) {
    // An expiry that an advert overtook. Whoever kept the timer has let go of it, so it is asked for again.
    out.push(timers_.move(event.timer, due));
    return;
  }
  timers_.disarm(event.timer);
  switch (event.timer) {
  case TimerId::MasterDown:
    return master_is_down(now, out);
  case TimerId::Advertisement:
    return advertise_on_schedule(due, now, out);
  case TimerId::PreemptDelay:
    preempt_delay_over_ = true;
    return;
  case TimerId::Announce:
    return announce_on_schedule(now, out);
  case TimerId::StartupDelay:
    return leave_init(now, out);
  case TimerId::Resignation:
    return let_go(now, out);
  }
}

// ---- Backup, RFC 9568 6.4.2 ----

/// In a sync group the timer runs on, so that the Master is still listened for until all of the group want
/// to.
void Router::master_is_down(Instant now, Actions& out) {
  if (!config_.synchronized)
    return enter_master(now, why_master_is_down(), out);
  wants_master_ = true;
  out.push(timers_.start(TimerId::MasterDown, now + master_down_interval()));
  out.push(WantMaster{});
}

void Router::backup_hears(const Advert& advert, Instant now, Actions& out) {
  if (advert.priority == kPriorityStopping && !is_masters(advert))
    return;
  const Heard heard = apply_backup_rules(advert, now);
  heard_ = MasterSeen{advert.source, advert.priority};
  update_preempt_delay(advert, now, out);
  if (heard.verdict == XV_BACKUP_IGNORE)
    return;
  if (heard.verdict == XV_BACKUP_RESTART)
    note_obeyed(advert, now);
  wants_master_ = false;
  master_adver_interval_ = from_ns(heard.timer.interval_ns);
  out.push(timers_.move(TimerId::MasterDown, instant_from_ns(heard.timer.deadline_ns)));
}

/// preempt_delay as in keepalived: it runs from the first advert of lower priority, and a Master we do not
/// want to preempt ends it. While it is not over, adverts of lower priority restart Master_Down_Timer (see
/// preempts_now()).
void Router::update_preempt_delay(const Advert& advert, Instant now, Actions& out) {
  if (advert.priority == kPriorityStopping)
    return;
  if (advert.priority >= config_.priority) {
    stop(TimerId::PreemptDelay, out);
    preempt_delay_over_ = false;
  } else if (config_.preempt && !preempts_now() && !timers_.armed(TimerId::PreemptDelay)) {
    out.push(timers_.start(TimerId::PreemptDelay, now + config_.preempt_delay));
  }
}

Router::Heard Router::apply_backup_rules(const Advert& advert, Instant now) const {
  const xv_backup_view view = backup_view();
  Heard heard{};
  heard.verdict = xv_backup_hears(&view, advert.priority, to_ns(advert.interval), to_ns(now), &heard.timer);
  return heard;
}

Reason Router::why_master_is_down() const {
  if (heard_ && heard_->priority == kPriorityStopping)
    return Reason::MasterResigned;
  // Without the right to preempt, an advert of lower priority restarted the timer: it was silence that let it
  // expire.
  if (heard_ && heard_->priority < config_.priority && preempts_now())
    return Reason::Preempted;
  return Reason::MasterSilent;
}

// ---- Master, RFC 9568 6.4.3 (Preempt_Mode is not considered) ----

void Router::master_hears(const Advert& advert, Instant now, Actions& out) {
  if (resigns()) {
    hear_successor(advert, now, out);
  } else if (advert.priority == kPriorityStopping) {
    out.push(SendAdvert{config_.priority});
    out.push(timers_.start(TimerId::Advertisement, now + config_.advertisement_interval));
  } else if (outranks_us(advert)) {
    const bool by_priority = advert.priority > config_.priority;
    yield(advert, now, by_priority ? Reason::HigherPriority : Reason::HigherAddress, out);
  } else {
    assert_mastership(advert, now, out);
  }
}

bool Router::outranks_us(const Advert& advert) const {
  return xv_outranks(advert.priority, advert.source.bytes().data(), config_.priority,
                     config_.primary_address.bytes().data()) != 0;
}

void Router::assert_mastership(const Advert& advert, Instant now, Actions& out) {
  // From our own address: a looped frame or a duplicate address, which an answer would only feed.
  if (advert.source == config_.primary_address)
    return;
  answer(now, out);
  if (announcer_.contest(now)) {
    out.push(AnnounceAddresses{});
    arm_announce(out);
  }
}

/// The period of our adverts runs on: RFC 9568 6.4.3 does not mention Adver_Timer here.
void Router::answer(Instant now, Actions& out) {
  const Nanoseconds guard = std::min(kAssertGuard, config_.advertisement_interval / 2);
  if (!config_.answer_lower_priority || (last_assert_ && now - *last_assert_ < guard))
    return;
  last_assert_ = now;
  out.push(SendAdvert{config_.priority});
}

void Router::yield(const Advert& advert, Instant now, Reason reason, Actions& out) {
  if (config_.advertise_when_yielding)
    out.push(SendAdvert{config_.priority});
  out.push(RemoveAddresses{});
  stop(TimerId::Advertisement, out);
  stop(TimerId::Announce, out);
  // The winner's priority is not below ours, so the rules of the Backup state say: learn the interval, start
  // the timer.
  const Heard heard = apply_backup_rules(advert, now);
  heard_ = MasterSeen{advert.source, advert.priority};
  note_obeyed(advert, now);
  master_adver_interval_ = from_ns(heard.timer.interval_ns);
  enter_backup(instant_from_ns(heard.timer.deadline_ns), now, reason, out);
}

void Router::advertise_on_schedule(Instant due, Instant now, Actions& out) {
  out.push(SendAdvert{config_.priority});
  out.push(timers_.start(TimerId::Advertisement, next_due(due, config_.advertisement_interval, now)));
}

void Router::announce_on_schedule(Instant now, Actions& out) {
  out.push(AnnounceAddresses{});
  announcer_.announced(now);
  arm_announce(out);
}

// ---- transitions ----

void Router::leave_init(Instant now, Actions& out) {
  if (fault_)
    enter(State::Fault, now, *fault_, out);
  else
    start(now, Reason::Startup, out);
}

/// RFC 9568 6.4.1. The same after FAULT, which is an Initialize the operator did not ask for.
void Router::start(Instant now, Reason reason, Actions& out) {
  if (is_owner() && !config_.synchronized)
    return enter_master(now, Reason::OwnerStartup, out);
  expect_own_interval();
  enter_backup(is_owner() ? now : now + master_down_interval(), now, reason, out);
}

void Router::halt(State to, Instant now, Reason reason, Actions& out) {
  if (resigns())
    out.push(RemoveAddresses{});
  else if (state_ == State::Master)
    resign(out);
  resignation_.reset();
  for (const auto id : {TimerId::MasterDown, TimerId::Advertisement, TimerId::PreemptDelay, TimerId::Announce,
                        TimerId::Resignation})
    stop(id, out);
  forget_master();
  enter(to, now, reason, out);
}

void Router::resign(Actions& out) {
  out.push(SendAdvert{kPriorityStopping});
  out.push(RemoveAddresses{});
}

// ---- a graceful end: the addresses are answered for until somebody else does ----

/// Whether it is on its way to INIT.
bool Router::stops() const {
  return resignation_ && resignation_->to == State::Init;
}

/// Backups take over after their Skew_Time, which depends on our interval. What began as a drain may become a
/// stop, not the reverse.
void Router::resign_gracefully(State to, Reason reason, Instant now, Actions& out) {
  if (resigns()) {
    if (to == State::Init)
      resignation_ = Resignation{to, reason, resignation_->has_successor};
    return;
  }
  resignation_ = Resignation{to, reason, false};
  out.push(SendAdvert{kPriorityStopping});
  stop(TimerId::Advertisement, out);
  stop(TimerId::Announce, out);
  const auto weakest = from_ns(xv_skew_ns(static_cast<std::uint8_t>(config_.version), kPriorityStopping + 1,
                                          to_ns(config_.advertisement_interval)));
  out.push(timers_.start(TimerId::Resignation, now + weakest + kSuccessorMargin));
}

void Router::hear_successor(const Advert& advert, Instant now, Actions& out) {
  if (advert.priority == kPriorityStopping || advert.source == config_.primary_address ||
      resignation_->has_successor)
    return;
  resignation_->has_successor = true;
  if (config_.release_delay > Nanoseconds::zero()) {
    out.push(timers_.start(TimerId::Resignation, now + config_.release_delay));
  } else {
    stop(TimerId::Resignation, out);
    let_go(now, out);
  }
}

void Router::let_go(Instant now, Actions& out) {
  halt(resignation_->to, now, resignation_->reason, out);
}

/// The drain was taken back before anybody took over, or while somebody does: the election decides.
void Router::stay_master(Instant now, Actions& out) {
  resignation_.reset();
  stop(TimerId::Resignation, out);
  out.push(SendAdvert{config_.priority});
  out.push(AnnounceAddresses{});
  out.push(timers_.start(TimerId::Advertisement, now + config_.advertisement_interval));
  announcer_.start(now);
  arm_announce(out);
}

/// The advert goes first: it stops the other Backups and teaches the switches; then the addresses, then who
/// has them.
void Router::enter_master(Instant now, Reason reason, Actions& out) {
  out.push(SendAdvert{config_.priority});
  out.push(InstallAddresses{});
  out.push(AnnounceAddresses{});
  stop(TimerId::PreemptDelay, out);
  forget_master();
  last_assert_.reset();
  out.push(timers_.start(TimerId::Advertisement, now + config_.advertisement_interval));
  announcer_.start(now);
  arm_announce(out);
  enter(State::Master, now, reason, out);
}

void Router::enter_backup(Instant master_down, Instant now, Reason reason, Actions& out) {
  preempt_delay_over_ = false;
  out.push(timers_.start(TimerId::MasterDown, master_down));
  enter(State::Backup, now, reason, out);
}

void Router::enter(State to, Instant now, Reason reason, Actions& out) {
  wants_master_ = false;
  out.push(StateEntered{state_, to, reason});
  state_ = to;
  reason_ = reason;
  since_ = now;
}

/// What was learned from a Master ends with it: nothing of it applies to our own adverts or to the next
/// start.
void Router::forget_master() {
  heard_.reset();
  master_adver_interval_ = config_.advertisement_interval;
}

/// Of a Master not heard yet. It may be a router that announces our interval and cannot be faster.
void Router::expect_own_interval() {
  master_adver_interval_ = std::max(config_.advertisement_interval, kShortestAnnounced);
}

void Router::arm_announce(Actions& out) {
  if (const auto next = announcer_.next())
    out.push(timers_.start(TimerId::Announce, *next));
}

void Router::stop(TimerId id, Actions& out) {
  if (!timers_.armed(id))
    return;
  timers_.disarm(id);
  out.push(StopTimer{id});
}

} // namespace xvrrp::core
