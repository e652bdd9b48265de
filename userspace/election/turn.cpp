// SPDX-License-Identifier: BSD-2-Clause
#include "election/turn.hpp"

#include <algorithm>
#include <utility>

namespace xvrrp::election {
namespace {

/// Of a reload: what other routers' adverts can wait for. Each is some system calls.
constexpr std::size_t kChangesAtOnce = 16;
constexpr Nanoseconds kFailureReportInterval = std::chrono::seconds{10};

/// One that has run out: a Master without an advert that left is none.
constexpr std::uint64_t kNoLeaseYet = 1;

/// What the data plane did not take, it is told again after this time: often enough to be of use within a
/// Master_Down_Interval of a second, seldom enough to be no load.
constexpr Nanoseconds kTellAgain = std::chrono::milliseconds{100};

/// Far fewer than the ring has room for, and far more than a turn takes of it that was not held up.
constexpr std::size_t kManyEvents = 64;

xv_role role_of(const core::Router& router) {
  switch (router.state()) {
  case core::State::Backup:
    return XV_ROLE_BACKUP;
  case core::State::Master:
    return router.has_successor() ? XV_ROLE_RESIGNING : XV_ROLE_MASTER;
  default:
    return XV_ROLE_STOPPED;
  }
}

std::size_t timer_slot(std::size_t router, core::TimerId timer) {
  return router * kTimersPerRouter + static_cast<std::size_t>(timer);
}

std::size_t retry_slot(std::size_t router) {
  return router * kTimersPerRouter + kRetryTimer;
}

/// As it is before the core learns of it.
Cause master_down(const Participant& router, Instant due) {
  const auto& core = router.router();
  const auto heard = core.last_heard().value_or(core::MasterSeen{});
  const bool has_resigned = core.last_heard() && heard.priority == core::kPriorityStopping;
  return {Cause::Kind::MasterDown,
          {heard.address, heard.priority, core.master_adver_interval()},
          due,
          has_resigned ? core.skew_time() : core.master_down_interval()};
}

} // namespace

core::Advert advert_of(const xv_event& event) noexcept {
  return {IpAddress::from_bytes(static_cast<Family>(event.key.family), event.source), event.priority,
          Nanoseconds{static_cast<std::int64_t>(event.interval_ns)},
          static_cast<core::Version>(event.version)};
}

/// After SIGSTOP and SIGCONT epoll tells of nothing, once. What was heard while we were held up comes before
/// what fell due: a Master that has a better successor must not say so much as one advert.
void Turn::run() noexcept {
  effects_.take_events();
  while (const auto command = running_->commands.pop())
    obey(*command);
  effects_.take_events();
  if (std::exchange(events_taken_, 0) >= kManyEvents && keeps_down_timer_)
    look_at_deadlines();
  expire_timers(effects_.now());
  change_some_routers();
  flush(ending_);
  if (next_ != nullptr && outbox_.is_empty())
    use_next_fleet();
  if (std::exchange(reported_, false))
    effects_.wake_manager(); // a system call: what goes onto the wire goes first
}

void Turn::on_event(const xv_event& event) noexcept {
  ++events_taken_;
  if (event.type == XV_EVENT_BAD_PACKETS) {
    report(BadPackets{event});
    return;
  }
  const auto index = running_->find(event.key);
  if (!index)
    return;
  const auto now = instant_from_ns(event.time_ns);
  if (event.type == XV_EVENT_CLAIMED)
    return on_claim(*index, event);
  if (event.type == XV_EVENT_ADVERT) {
    if (event.version == 3)
      at(*index).hears_message_only = (event.notes & XV_NOTE_CHECKSUM_MESSAGE) != 0;
    remark(*index, event);
    const auto advert = advert_of(event);
    step(*index, now, core::AdvertReceived{advert}, {Cause::Kind::Advert, advert});
    note_loser(*index, advert);
    follow_deadline(*index, event);
    return;
  }
  if (was_heard_since(event))
    return;
  // What brought the deadline forward, a resignation or a shorter interval, was an event that may have found
  // no room: the data plane's deadline counts.
  const auto due = instant_from_ns(event.deadline_ns);
  step(*index, now, core::TimerExpired{core::TimerId::MasterDown, event.generation, due},
       master_down(at(*index), due));
}

void Turn::on_claim(std::size_t index, const xv_event& event) noexcept {
  auto& router = at(index);
  router.claimed = true;
  remark(index, Remark::Kind::Claim, event);
  outbox_.defend(router, instant_from_ns(event.time_ns));
}

/// A thread that was held up (SIGSTOP, a paused machine) finds a MASTER_DOWN of a Master that has come back:
/// its adverts changed nothing, so they were no events. The kernel's deadline is the truth.
bool Turn::was_heard_since(const xv_event& event) const noexcept {
  const auto live = effects_.live(event.key);
  return live && live->role == XV_ROLE_BACKUP && live->generation == event.generation &&
         live->deadline_ns > event.deadline_ns;
}

// ---- commands ----

/// Not std::visit, because that brings code that throws.
void Turn::obey(const Command& command) noexcept {
  const auto now = effects_.now();
  const auto handle = [&](const auto* what) {
    if (what)
      on(*what, now);
  };
  [&]<typename... Commands>(const std::variant<Commands...>& one) {
    (handle(std::get_if<Commands>(&one)), ...);
  }(command);
}

void Turn::on(const StopRouters& command, Instant now) noexcept {
  for (std::size_t index = 0; index < running_->members.size(); ++index)
    step(index, now, core::Shutdown{command.graceful});
}

void Turn::on(const StopRouter& command, Instant now) noexcept {
  step(command.router, now, core::Shutdown{command.graceful});
}

void Turn::on(const UseFleet& command, Instant) noexcept {
  next_ = command.fleet;
}

void Turn::on(const RaiseFault& command, Instant now) noexcept {
  step(command.router, now, core::FaultRaised{command.cause});
}

void Turn::on(const ClearFault& command, Instant now) noexcept {
  step(command.router, now, core::FaultCleared{});
}

void Turn::on(const AreYouThere& command, Instant) noexcept {
  answered_.store(command.question, std::memory_order_relaxed);
}

void Turn::on(const EndThread&, Instant) noexcept {
  ending_ = true;
}

/// Where an earlier process left the router in the kernel, it goes on from there: as Master while its lease
/// has not run out, for no Backup can have taken over.
void Turn::on(const StartRouter& command, Instant now) noexcept {
  effects_.take_events(); // what an earlier process was told is no news to a router in INIT
  const auto index = command.router;
  auto& router = at(index);
  const auto& plan = router.plan();
  const auto live = plan.resumes ? effects_.live(plan.key) : std::nullopt;
  if (!live || live->role == XV_ROLE_STOPPED) {
    step(index, now, core::Startup{});
    return;
  }
  if (live->role != XV_ROLE_BACKUP) {
    const bool is_believed =
        live->role == XV_ROLE_MASTER && to_ns(now) < effects_.lease_end(live->lease_slot);
    if (is_believed) {
      // It counts on until an advert of ours has left; one that the configuration has no more would fence us.
      effects_.renew_lease(plan.lease_slot,
                           plan.lease == Nanoseconds::zero() ? 0 : effects_.lease_end(live->lease_slot));
      step(index, now, core::Resumed{core::State::Master, live->generation, {}, {}, {}, 0});
    } else {
      outbox_.remove(router);
      change_role(index); // it is none any more, and may not be another one before startup_delay is over
      step(index, now, core::Startup{});
    }
    return;
  }
  const auto family = static_cast<Family>(plan.key.family);
  const bool heard = live->heard.adverts > 0;
  step(index, now,
       core::Resumed{core::State::Backup, live->generation, instant_from_ns(live->deadline_ns),
                     Nanoseconds{static_cast<std::int64_t>(live->interval_ns)},
                     heard ? IpAddress::from_bytes(family, live->heard.master) : IpAddress{},
                     live->heard.priority});
}

/// Backups count from the last advert, so there is one more. None of them takes over before its
/// Master_Down_Interval, of which the Skew_Time is left as a margin.
void Turn::on(const HandOver&, Instant) noexcept {
  ending_ = true;
  for (std::size_t index = 0; index < running_->members.size(); ++index) {
    auto& router = at(index);
    if (router.router().state() != core::State::Master || router.router().resigns())
      continue;
    const auto& config = router.router().config();
    outbox_.advert({&router, config.priority,
                    std::max(router.plan().lease, config.advertisement_interval * config.down_adverts)});
  }
}

void Turn::on(const UseFrames& command, Instant) noexcept {
  flush(true); // what waits to be sent is of the frames used so far
  at(command.router).use(command.frames);
  const auto now = effects_.now();
  step(command.router, now, core::SourceChanged{command.source});
  step(command.router, now, core::PriorityChanged{command.priority});
  configure(command.router);
}

void Turn::on(const UsePlan& command, Instant) noexcept {
  flush(true); // what waits to be sent is of the plan used so far
  at(command.router).use(command.plan);
  at(command.router).publish();
  running_->use_key(command.router, command.plan->key);
  configure(command.router);
}

/// What is removed and installed is in one queue, so a router that yields has it removed after this.
void Turn::on(const PutBack& command, Instant) noexcept {
  auto& router = at(command.router);
  if (router.router().state() != core::State::Master || &router.plan() != command.plan)
    return;
  outbox_.change_addresses({AddressChange::Kind::InstallOne, command.plan, nullptr, command.address});
  outbox_.announce({&router, nullptr, command.address});
}

/// One that becomes Master has them installed after this, in the same queue.
void Turn::on(const TakeAway& command, Instant) noexcept {
  const auto& router = at(command.router);
  if (router.router().state() != core::State::Master && &router.plan() == command.plan)
    outbox_.remove(router);
}

void Turn::on(const RecordSteps& command, Instant now) noexcept {
  auto& router = at(command.router);
  router.recording = command.recording;
  router.recorded_as = command.as;
  if (router.recording != 0)
    tape(router, now, router.router());
}

/// A recording with a gap is of no use: it ends where the tape is full.
template <typename What>
void Turn::tape(Participant& router, Instant now, const What& what) noexcept {
  const bool goes_on = tape_->overrun.load(std::memory_order_relaxed) != router.recording;
  if (goes_on && tape_->steps.push({router.recording, router.recorded_as, now, what}))
    return;
  tape_->overrun.store(router.recording, std::memory_order_release);
  router.recording = 0;
}

// ---- another configuration ----

/// The routers that stay are the same objects; their timers go into the new fleet's heap.
void Turn::use_next_fleet() noexcept {
  Fleet& next = *std::exchange(next_, nullptr);
  for (std::size_t index = 0; index < next.members.size(); ++index) {
    for (std::size_t id = 0; id < core::kTimerCount; ++id) {
      const auto timer = static_cast<core::TimerId>(id);
      const auto deadline = next.members[index]->router().deadline(timer);
      if (deadline && is_ours(timer))
        next.deadlines.arm(timer_slot(index, timer), *deadline);
    }
    if (next.members[index]->status().role_error != 0)
      next.deadlines.arm(retry_slot(index), Instant{});
  }
  outbox_.use(next.room);
  running_ = &next;
  if (keeps_down_timer_)
    look_at_deadlines();
}

/// First everywhere what goes, then what comes: an address may move from one router to another. Few at a
/// time, between which other routers' adverts go.
void Turn::change_some_routers() noexcept {
  if (settled_ == running_)
    return;
  const auto count = running_->changes.size();
  auto& done = running_->changes_done;
  for (std::size_t changed = 0; changed < kChangesAtOnce && done < 2 * count; ++changed, ++done) {
    if (done < count)
      end_old(*running_->changes[done]);
    else if (outbox_.has_address_changes())
      return; // of plans that are in use until here
    else
      begin_new(*running_->changes[done - count]);
  }
  if (done < 2 * count)
    return;
  settled_ = running_;
  effects_.settled(*running_);
}

void Turn::end_old(RouterChange& change) noexcept {
  const auto& router = at(change.router);
  if (change.restarts) {
    step(change.router, effects_.now(), core::Shutdown{});
  } else if (router.router().state() == core::State::Master) {
    outbox_.change_addresses({AddressChange::Kind::Remove, &router.plan(), &change});
    change.has_ended = true;
  }
}

void Turn::begin_new(RouterChange& change) noexcept {
  auto& router = at(change.router);
  const auto now = effects_.now();
  router.use(change.plan);
  router.use(change.frames);
  step(change.router, now, core::SourceChanged{change.config.primary_address});
  step(change.router, now, core::Reconfigured{change.config});
  if (change.restarts) {
    step(change.router, now, core::Startup{});
  } else if (router.router().state() == core::State::Master) {
    if (!change.has_ended) // it has become Master since, by the old plan
      outbox_.change_addresses({AddressChange::Kind::Remove, change.plan, &change});
    outbox_.change_addresses({AddressChange::Kind::Install, change.plan, &change});
    outbox_.announce({&router, &change});
  }
  configure(change.router);
  change_role(change.router);
}

/// Lets the data plane know the router's source address and whether it preempts. One that waits for its
/// interface has no place there.
void Turn::configure(std::size_t index) noexcept {
  auto& router = at(index);
  const auto& plan = router.plan();
  router.kernel_preempts = router.router().preempts_now();
  router.config_refused = false;
  if (plan.ifindex == 0)
    return;
  if (plan.lease == Nanoseconds::zero())
    effects_.renew_lease(plan.lease_slot, 0); // what the slot held before would fence us
  else if (effects_.lease_end(plan.lease_slot) == 0)
    effects_.renew_lease(plan.lease_slot, kNoLeaseYet);
  const int error = effects_.configure(router);
  router.config_refused = error != 0;
  if (error != 0)
    note_told(index, error);
}

/// What RFC 9568 7.1 and 8.3.2 want logged about valid adverts.
void Turn::remark(std::size_t index, const xv_event& event) noexcept {
  const auto& router = at(index);
  const auto make = [&](Remark::Kind kind) { remark(index, kind, event); };
  if ((event.notes & XV_NOTE_INTERVAL_DIFFERS) != 0)
    make(Remark::Kind::OtherInterval);
  if ((event.notes & XV_NOTE_PACE) != 0)
    make(Remark::Kind::OtherPace);
  if ((event.notes & XV_NOTE_ADDRESS_LIST) != 0)
    make(Remark::Kind::OtherAddresses);
  if (router.router().state() == core::State::Master && event.priority == router.router().config().priority)
    make(Remark::Kind::SamePriority);
}

void Turn::remark(std::size_t index, Remark::Kind kind, const xv_event& event) noexcept {
  auto& next = at(index).next_remark[static_cast<std::size_t>(kind)];
  const auto now = instant_from_ns(event.time_ns);
  if (now < next)
    return;
  next = now + kRemarkInterval;
  report(Remark{index, kind, event});
}

/// Whoever is Master after an advert has not lost to it. Priority 0 is of a Master that goes, and from our
/// own address comes no rival.
void Turn::note_loser(std::size_t index, const core::Advert& advert) noexcept {
  auto& router = at(index);
  const auto& core = router.router();
  if (core.state() != core::State::Master || core.resigns() || advert.priority == core::kPriorityStopping ||
      advert.source == core.config().primary_address)
    return;
  ++router.counters().losing_adverts;
  router.publish();
  reported_ = true; // RouterStatus says how many there were
}

void Turn::expire_timers(Instant now) noexcept {
  while (const auto slot = running_->deadlines.pop_due(now)) {
    const auto index = *slot / kTimersPerRouter;
    if (*slot == retry_slot(index)) {
      tell_kernel_again(index);
      continue;
    }
    const auto timer = static_cast<core::TimerId>(*slot % kTimersPerRouter);
    if (timer == core::TimerId::MasterDown) {
      expire_master_down(index, now);
      continue;
    }
    if (timer == core::TimerId::Advertisement)
      note_lateness(index, now);
    step(index, now, core::TimerExpired{timer, at(index).router().generation(timer)});
  }
}

void Turn::note_lateness(std::size_t index, Instant now) noexcept {
  auto& router = at(index);
  if (const auto due = router.router().deadline(core::TimerId::Advertisement))
    router.tally().note_lateness(now - *due);
}

/// Where we keep Master_Down_Timer: adverts move the deadline without waking us, so it is asked for when the
/// one that we know has passed. Absent: the data plane does not know of this Backup yet.
std::optional<Instant> Turn::kept_deadline(std::size_t index) const noexcept {
  const auto& router = at(index);
  const auto live = effects_.live(router.plan().key);
  if (!live || live->role != XV_ROLE_BACKUP ||
      live->generation != router.router().generation(core::TimerId::MasterDown))
    return std::nullopt;
  return instant_from_ns(live->deadline_ns);
}

/// The core may not have heard of the advert before, and take this one for a stranger's.
void Turn::follow_deadline(std::size_t index, const xv_event& event) noexcept {
  const auto& core = at(index).router();
  if (keeps_down_timer_ && event.deadline_ns != 0 && core.state() == core::State::Backup &&
      core.generation(core::TimerId::MasterDown) == event.generation)
    running_->deadlines.arm(timer_slot(index, core::TimerId::MasterDown), instant_from_ns(event.deadline_ns));
}

/// The timer runs on to where adverts have moved it.
void Turn::expire_master_down(std::size_t index, Instant now) noexcept {
  const auto kept = kept_deadline(index);
  if (kept && *kept > now)
    return running_->deadlines.arm(timer_slot(index, core::TimerId::MasterDown), *kept);
  const auto& router = at(index);
  const auto due = kept ? kept : router.router().deadline(core::TimerId::MasterDown);
  step(index, now,
       core::TimerExpired{core::TimerId::MasterDown, router.router().generation(core::TimerId::MasterDown),
                          kept.value_or(Instant{})},
       due ? master_down(router, *due) : Cause{});
}

/// After what the core was not told of: a ring that held many events may have been full, and one that brought
/// a deadline forward lost.
void Turn::look_at_deadlines() noexcept {
  for (std::size_t index = 0; index < running_->members.size(); ++index) {
    if (const auto kept = kept_deadline(index))
      running_->deadlines.arm(timer_slot(index, core::TimerId::MasterDown), *kept);
  }
}

/// The kernel keeps Master_Down_Timer, unless it has no timer for it.
bool Turn::is_ours(core::TimerId timer) const noexcept {
  return timer != core::TimerId::MasterDown || keeps_down_timer_;
}

core::Actions Turn::step(std::size_t index, Instant now, const core::Event& event,
                         const Cause& cause) noexcept {
  auto& router = at(index);
  const auto actions = advance(index, now, event);
  if (router.recording != 0)
    tape(router, now, TapedStep{event, actions});
  for (const auto& action : actions)
    execute(index, action, now, cause);
  if (role_of(router.router()) != router.told_role)
    change_role(index); // a successor was heard
  // preempt_delay begins and ends between transitions.
  if (router.router().preempts_now() != router.kernel_preempts)
    configure(index);
  router.publish();
  return actions;
}

core::Actions Turn::advance(std::size_t index, Instant now, const core::Event& event) noexcept {
  return at(index).router().step(now, event);
}

void Turn::execute(std::size_t index, const core::Action& action, Instant now, const Cause& cause) noexcept {
  auto& router = at(index);
  if (const auto* advert = std::get_if<core::SendAdvert>(&action)) {
    send_advert(index, advert->priority);
  } else if (const auto* arm = std::get_if<core::ArmTimer>(&action)) {
    // An advert's effect on Master_Down_Timer is the kernel's doing; entering Backup goes with the role
    // command.
    if (is_ours(arm->timer))
      running_->deadlines.arm(timer_slot(index, arm->timer), arm->at);
  } else if (const auto* stop = std::get_if<core::StopTimer>(&action)) {
    running_->deadlines.disarm(timer_slot(index, stop->timer));
  } else if (std::holds_alternative<core::InstallAddresses>(action)) {
    outbox_.install(router);
  } else if (std::holds_alternative<core::RemoveAddresses>(action)) {
    outbox_.remove(router);
  } else if (std::holds_alternative<core::AnnounceAddresses>(action)) {
    outbox_.announce({&router});
  } else if (std::holds_alternative<core::WantMaster>(action)) {
    take_over_together(index, now);
  } else if (const auto* entered = std::get_if<core::StateEntered>(&action)) {
    note_transition(index, *entered, now, cause);
  }
}

void Turn::note_transition(std::size_t index, const core::StateEntered& entered, Instant now,
                           const Cause& cause) noexcept {
  auto& router = at(index);
  if (entered.to == core::State::Master) {
    if (entered.reason == core::Reason::MasterResigned)
      succeed(router, now);
    ++router.counters().became_master;
    router.counters().master_reason = entered.reason;
  }
  router.tally().note_transition(entered.to, entered.reason);
  change_role(index);
  report(Transition{index, entered.from, entered.to, entered.reason, now, cause,
                    ++router.counters().transitions});
  if (entered.from == core::State::Master && entered.to == core::State::Backup)
    yield_together(index, now);
}

/// Its first advert leaves when everything else is in place, and until then it may be believed: the Master
/// before it has said so.
void Turn::succeed(const Participant& router, Instant now) noexcept {
  succeeds_ = true;
  if (router.plan().lease > Nanoseconds::zero())
    effects_.renew_lease(router.plan().lease_slot, to_ns(now + router.plan().lease));
}

// ---- sync groups ----

void Turn::take_over_together(std::size_t index, Instant now) noexcept {
  change_role(index); // the kernel goes on listening, until the timer's new deadline
  const auto& group = running_->group_of(index);
  const bool all_want = std::all_of(group.begin(), group.end(), [&](std::size_t member) {
    const auto& router = at(member);
    return router.router().state() == core::State::Master ||
           (router.router().wants_master() && !was_heard_meanwhile(router));
  });
  for (const auto member : group) {
    if (all_want)
      step(member, now, core::GroupTakesOver{});
  }
}

void Turn::yield_together(std::size_t index, Instant now) noexcept {
  for (const auto member : running_->group_of(index)) {
    if (member != index)
      step(member, now, core::GroupYields{});
  }
}

/// Whether the Master that a router believes to be down has come back: its adverts change nothing, so they
/// are no events.
bool Turn::was_heard_meanwhile(const Participant& router) const noexcept {
  const auto live = effects_.live(router.plan().key);
  const auto deadline = router.router().deadline(core::TimerId::MasterDown);
  return live && deadline && live->role == XV_ROLE_BACKUP &&
         live->generation == router.router().generation(core::TimerId::MasterDown) &&
         live->deadline_ns > to_ns(*deadline);
}

// ---- what has to leave ----

/// A thread that was held up finds many losing adverts to answer at once: one answer in a batch says it all.
void Turn::send_advert(std::size_t index, std::uint8_t priority) noexcept {
  auto& router = at(index);
  if (priority == core::kPriorityStopping)
    router.advert_batch = 0;
  else if (std::exchange(router.advert_batch, batch_) == batch_)
    return;
  outbox_.advert(
      {&router, priority, priority == core::kPriorityStopping ? Nanoseconds{} : router.plan().lease});
}

/// The data plane learns the role at the end of the turn, after the adverts.
void Turn::change_role(std::size_t index) noexcept {
  if (std::exchange(at(index).role_pending, true))
    return;
  running_->role_changes.push(index); // each router once a turn
}

void Turn::tell_kernel(std::size_t index) noexcept {
  auto& router = at(index);
  const auto& core = router.router();
  const auto deadline = core.deadline(core::TimerId::MasterDown);
  xv_command command{};
  command.key = router.plan().key;
  command.op = XV_COMMAND_ROLE;
  command.role = role_of(core);
  command.generation = core.generation(core::TimerId::MasterDown);
  command.deadline_ns = deadline ? to_ns(*deadline) : 0;
  command.interval_ns = to_ns(core.master_adver_interval());
  command.lease_slot = router.plan().lease_slot;
  router.role_pending = false;
  const int error = effects_.run(command);
  if (error == 0)
    router.told_role = static_cast<xv_role>(command.role);
  note_told(index, error);
}

/// What the data plane did not take is told again, until it does.
void Turn::note_told(std::size_t index, int error) noexcept {
  auto& router = at(index);
  auto& counters = router.counters();
  if (error == 0 && (counters.role_error == 0 || router.config_refused))
    return;
  counters.role_error = error;
  counters.roles_refused += error != 0;
  if (error != 0)
    running_->deadlines.arm(retry_slot(index), effects_.now() + kTellAgain);
  else
    running_->deadlines.disarm(retry_slot(index));
  router.publish();
}

void Turn::tell_kernel_again(std::size_t index) noexcept {
  if (at(index).config_refused)
    configure(index);
  change_role(index);
}

/// Adverts first: the Master that is gone is missed. One that resigned is not, it may go on until it hears
/// us: so its successor has everything in place before. Addresses and announcements may wait for further
/// turns, in which other routers' adverts go first, unless `everything` is wanted now.
void Turn::flush(bool everything) noexcept {
  const bool adverts_first = !std::exchange(succeeds_, false);
  if (adverts_first)
    outbox_.flush_adverts();
  for (const auto index : running_->role_changes)
    tell_kernel(index);
  running_->role_changes.clear();
  if (!adverts_first) {
    outbox_.change_all_addresses();
    outbox_.flush_adverts();
  }
  outbox_.flush_virtual_macs();
  if (everything)
    outbox_.change_all_addresses();
  else
    outbox_.change_some_addresses();
  ++batch_;
  outbox_.flush_announcements();
  reported_ |= outbox_.take_paced();
  const auto error = outbox_.take_error();
  if (outbox_.take_refused() || error.error != 0)
    send_failures_.fetch_add(1, std::memory_order_relaxed);
  if (error.error != 0)
    report_send_failure(error);
}

void Turn::report_send_failure(const SendError& error) noexcept {
  const auto now = effects_.now();
  if (now < next_failure_report_)
    return;
  next_failure_report_ = now + kFailureReportInterval;
  report(SendFailure{error.error, error.ifindex});
}

/// What a packet brings about must not take the room of transitions.
void Turn::report(const Report& report) noexcept {
  const auto reserved = std::holds_alternative<Transition>(report) ? 0 : running_->room_for_transitions;
  if (!running_->reports.push(report, reserved))
    lost_reports_.fetch_add(1, std::memory_order_relaxed);
  reported_ = true;
}

} // namespace xvrrp::election
