// SPDX-License-Identifier: BSD-2-Clause
#include "controller/election.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "platform/clock.hpp"
#include "platform/realtime.hpp"

namespace xvrrp::controller {
namespace {

enum Token : std::uint64_t { kRing, kTimer, kCommand };

/// Below the kernel's own threads that serve timers and interrupts on an RT kernel (50), above everything
/// ordinary.
constexpr int kElectionPriority = 40;

/// Of a reload: what other routers' adverts can wait for. Each is some system calls.
constexpr std::size_t kChangesAtOnce = 16;
constexpr Nanoseconds kFailureReportInterval = std::chrono::seconds{10};

/// One that has run out: a Master without an advert that left is none.
constexpr std::uint64_t kNoLeaseYet = 1;

/// What the data plane did not take, it is told again after this time: often enough to be of use within a
/// Master_Down_Interval of a second, seldom enough to be no load.
constexpr Nanoseconds kTellAgain = std::chrono::milliseconds{100};

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

core::Advert advert_of(const xv_event& event) {
  return {IpAddress::from_bytes(static_cast<Family>(event.key.family), event.source), event.priority,
          Nanoseconds{static_cast<std::int64_t>(event.interval_ns)},
          static_cast<core::Version>(event.version)};
}

/// As it is before the core learns of it.
Cause master_down(const VirtualRouter& router, Instant due) {
  const auto& core = router.router();
  const auto heard = core.last_heard().value_or(core::MasterSeen{});
  const bool has_resigned = core.last_heard() && heard.priority == core::kPriorityStopping;
  return {Cause::Kind::MasterDown,
          {heard.address, heard.priority, core.master_adver_interval()},
          due,
          has_resigned ? core.skew_time() : core.master_down_interval()};
}

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

} // namespace

Result<std::unique_ptr<Election>> Election::create(std::vector<RouterPlan> plans,
                                                   const dataplane::DataPlane& data_plane,
                                                   platform::RouteSocket& route) {
  std::vector<std::shared_ptr<VirtualRouter>> routers;
  for (auto& plan : plans)
    routers.push_back(std::make_shared<VirtualRouter>(std::move(plan)));
  auto outbox = Outbox::open(route);
  if (!outbox)
    return std::move(outbox).error();
  auto epoll = platform::Epoll::create();
  if (!epoll)
    return std::move(epoll).error();
  auto timer = platform::TimerFd::create();
  if (!timer)
    return std::move(timer).error();
  auto command_ready = platform::EventFd::create();
  if (!command_ready)
    return std::move(command_ready).error();
  auto report_ready = platform::EventFd::create();
  if (!report_ready)
    return std::move(report_ready).error();

  std::unique_ptr<Election> election{new Election{std::make_unique<Fleet>(std::move(routers)), data_plane,
                                                  *std::move(outbox), *std::move(epoll), *std::move(timer),
                                                  *std::move(command_ready), *std::move(report_ready)}};
  auto ring = dataplane::EventRing::open(data_plane.events_fd(), *election);
  if (!ring)
    return std::move(ring).error();
  election->ring_.emplace(*std::move(ring));
  for (const auto& [fd, token] :
       {std::pair{data_plane.events_fd(), kRing}, std::pair{election->timer_.fd(), kTimer},
        std::pair{election->command_ready_.fd(), kCommand}}) {
    if (auto status = election->epoll_.add(fd, token); !status)
      return std::move(status).error();
  }
  return election;
}

Election::Election(std::unique_ptr<Fleet> fleet, const dataplane::DataPlane& data_plane, Outbox outbox,
                   platform::Epoll epoll, platform::TimerFd timer, platform::EventFd command_ready,
                   platform::EventFd report_ready)
    : data_plane_(data_plane), fleet_(std::move(fleet)), running_(fleet_.get()), settled_(running_),
      outbox_(std::move(outbox)), epoll_(std::move(epoll)), timer_(std::move(timer)),
      command_ready_(std::move(command_ready)), report_ready_(std::move(report_ready)) {
  outbox_.use(running_->room);
}

Election::~Election() {
  if (thread_.joinable()) {
    post_reserved(EndThread{});
    thread_.join();
  }
}

void Election::run(std::vector<std::uint32_t> processors) {
  thread_ = std::thread{[this, processors = std::move(processors)] { thread_main(processors); }};
  prepared_.wait(false);
}

void Election::hand_over() {
  post_reserved(HandOver{});
  thread_.join();
}

bool Election::push(const Command& command, std::size_t reserved) noexcept {
  const bool fits = fleet_->commands.push(command, reserved);
  command_ready_.notify();
  return fits;
}

/// The memory is the tape's for good: most daemons never need it.
void Election::record(const RecordSteps& command) {
  if (!tape_)
    tape_ = std::make_unique<Tape>();
  while (!post(command))
    std::this_thread::yield(); // a full queue is being emptied
}

bool Election::ask_alive() noexcept {
  const bool alive = answered_.load(std::memory_order_relaxed) == question_;
  if (alive && post(AreYouThere{question_ + 1}))
    ++question_;
  return alive;
}

void Election::replace(std::unique_ptr<Fleet> next, const std::function<void()>& hear_last) {
  post_reserved(UseFleet{next.get()});
  for (const Fleet* settled = settled_; settled != next.get(); settled = settled_)
    settled_.wait(settled);
  hear_last();
  fleet_ = std::move(next);
}

void Election::thread_main(const std::vector<std::uint32_t>& processors) {
  const auto want = [&](const Status& status) {
    if (!status)
      realtime_warning_ += (realtime_warning_.empty() ? "" : "; ") + status.error().message;
  };
  want(platform::lock_memory());
  want(platform::set_fifo_priority(kElectionPriority));
  if (!processors.empty())
    want(platform::set_processors(processors));
  prepared_.store(true);
  prepared_.notify_one();
  while (!ending_)
    turn();
}

void Election::turn() {
  const bool is_busy = outbox_.has_address_changes() || next_ != nullptr || settled_ != running_;
  const auto patience = is_busy ? std::optional{Nanoseconds{0}} : std::nullopt;
  for (const auto& ready : epoll_.wait(patience)) {
    switch (ready.token) {
    case kRing:
      ring_->consume();
      break;
    case kTimer:
      timer_.drain();
      armed_.reset();
      break;
    case kCommand:
      command_ready_.drain();
      while (const auto command = running_->commands.pop())
        obey(*command);
      break;
    }
  }
  // After SIGSTOP and SIGCONT epoll tells of nothing, once. What was heard while we were held up comes before
  // what fell due: a Master that has a better successor must not say so much as one advert.
  ring_->consume();
  expire_timers(platform::monotonic_now());
  change_some_routers();
  flush(ending_);
  if (next_ != nullptr && outbox_.is_empty())
    use_next_fleet();
  if (std::exchange(reported_, false))
    report_ready_.notify(); // a system call: what goes onto the wire goes first
  if (const auto earliest = running_->deadlines.earliest(); earliest && armed_ != earliest) {
    timer_.arm(*earliest);
    armed_ = earliest;
  }
}

void Election::on_event(const xv_event& event) {
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
    return;
  }
  if (was_heard_since(event))
    return;
  const auto actions = step(*index, now, core::TimerExpired{core::TimerId::MasterDown, event.generation},
                            master_down(at(*index), instant_from_ns(event.deadline_ns)));
  // The core waits on when it did not hear of what brought the deadline forward (the event of a priority 0
  // advert was lost). The kernel let go of its timer, so it is armed again.
  if (!actions.empty() && std::holds_alternative<core::ArmTimer>(actions[0]))
    change_role(*index);
}

void Election::on_claim(std::size_t index, const xv_event& event) noexcept {
  auto& router = at(index);
  router.claimed = true;
  remark(index, Remark::Kind::Claim, event);
  defend(router, instant_from_ns(event.time_ns));
}

/// Answers who claimed an address (RFC 5227 2.4 c). Claims that come too soon are answered together, with the
/// first advert after.
void Election::defend(VirtualRouter& router, Instant now) noexcept {
  if (!router.claimed || router.router().state() != core::State::Master || now < router.next_defence)
    return;
  router.claimed = false;
  router.next_defence = now + kDefendInterval;
  outbox_.announce(router);
}

/// A thread that was held up (SIGSTOP, a paused machine) finds a MASTER_DOWN of a Master that has come back:
/// its adverts changed nothing, so they were no events. The kernel's deadline is the truth.
bool Election::was_heard_since(const xv_event& event) const noexcept {
  const auto live = data_plane_.liveness().find(event.key);
  return live && live->role == XV_ROLE_BACKUP && live->generation == event.generation &&
         live->deadline_ns > event.deadline_ns;
}

void Election::obey(const Command& command) {
  const auto now = platform::monotonic_now();
  const auto all = [&](const core::Event& event) {
    for (std::size_t index = 0; index < running_->routers.size(); ++index)
      step(index, now, event);
  };
  std::visit(
      Overloaded{
          [&](HandOver) {
            prolong_leases();
            ending_ = true;
          },
          [&](const StopRouters& stop) { all(core::Shutdown{stop.graceful}); },
          [&](const StartRouter& start) {
            ring_->consume(); // what an earlier process was told is no news to a router in INIT
            start_router(start.router, now);
          },
          [&](const StopRouter& stop) { step(stop.router, now, core::Shutdown{stop.graceful}); },
          [&](const UseFleet& use) { next_ = use.fleet; },
          [&](const RaiseFault& fault) { step(fault.router, now, core::FaultRaised{fault.cause}); },
          [&](const ClearFault& fault) { step(fault.router, now, core::FaultCleared{}); },
          [&](const UseFrames& frames) { use_frames(frames); }, [&](const UsePlan& plan) { use_plan(plan); },
          [&](const PutBack& address) { put_back(address); },
          [&](AreYouThere asked) { answered_.store(asked.question, std::memory_order_relaxed); },
          [&](const RecordSteps& record) { record_steps(record, now); }, [&](EndThread) { ending_ = true; }},
      command);
}

/// Where an earlier process left the router in the kernel, it goes on from there: as Master while its lease
/// has not run out, for no Backup can have taken over.
void Election::start_router(std::size_t index, Instant now) {
  auto& router = at(index);
  const auto& plan = router.plan();
  const auto live = plan.resumes ? data_plane_.liveness().find(plan.key) : std::nullopt;
  if (!live || live->role == XV_ROLE_STOPPED) {
    step(index, now, core::Startup{});
    return;
  }
  if (live->role != XV_ROLE_BACKUP) {
    const bool is_believed =
        live->role == XV_ROLE_MASTER && to_ns(now) < data_plane_.lease_end(live->lease_slot);
    if (is_believed) {
      // It counts on until an advert of ours has left; one that the configuration has no more would fence us.
      data_plane_.renew_lease(
          plan.lease_slot, plan.lease == Nanoseconds::zero() ? 0 : data_plane_.lease_end(live->lease_slot));
      step(index, now, core::Resumed{core::State::Master, live->generation, {}, {}, {}, 0});
    } else {
      outbox_.remove(router);
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
void Election::prolong_leases() noexcept {
  for (std::size_t index = 0; index < running_->routers.size(); ++index) {
    auto& router = at(index);
    if (router.router().state() != core::State::Master || router.router().resigns())
      continue;
    const auto& config = router.router().config();
    queue_advert({&router, index, config.priority,
                  std::max(router.plan().lease, config.advertisement_interval * config.down_adverts)});
  }
}

void Election::use_frames(const UseFrames& command) {
  flush(true); // what waits to be sent is of the frames used so far
  auto& router = at(command.router);
  router.use(command.frames);
  const auto now = platform::monotonic_now();
  step(command.router, now, core::SourceChanged{command.frames->sender.source});
  step(command.router, now, core::PriorityChanged{command.frames->sender.priority});
  configure(command.router);
}

void Election::use_plan(const UsePlan& command) {
  flush(true); // what waits to be sent is of the plan used so far
  at(command.router).use(command.plan);
  at(command.router).publish();
  running_->use_key(command.router, command.plan->key);
  configure(command.router);
}

/// What is removed and installed is in one queue, so a router that yields has it removed after this.
void Election::put_back(const PutBack& command) {
  auto& router = at(command.router);
  if (router.router().state() != core::State::Master || &router.plan() != command.plan)
    return;
  outbox_.install_one(command.plan->batch, *command.plan->addresses[command.address].installed);
  const std::span announcements{router.frames().announcements};
  if (command.address < announcements.size()) // none without a source address
    outbox_.announce(router, announcements.subspan(command.address, 1));
}

void Election::record_steps(const RecordSteps& command, Instant now) noexcept {
  auto& router = at(command.router);
  router.recording = command.recording;
  router.recorded_as = command.as;
  if (router.recording != 0)
    tape(router, now, router.router());
}

/// A recording with a gap is of no use: it ends where the tape is full.
template <typename What>
void Election::tape(VirtualRouter& router, Instant now, const What& what) noexcept {
  const bool goes_on = tape_->overrun.load(std::memory_order_relaxed) != router.recording;
  if (goes_on && tape_->steps.push({router.recording, router.recorded_as, now, what}))
    return;
  tape_->overrun.store(router.recording, std::memory_order_release);
  router.recording = 0;
}

// ---- another configuration ----

/// The routers that stay are the same objects; their timers go into the new fleet's heap.
void Election::use_next_fleet() noexcept {
  Fleet& next = *std::exchange(next_, nullptr);
  for (std::size_t index = 0; index < next.routers.size(); ++index) {
    for (std::size_t id = 0; id < core::kTimerCount; ++id) {
      const auto timer = static_cast<core::TimerId>(id);
      const auto deadline = next.routers[index]->router().deadline(timer);
      if (deadline && is_ours(timer))
        next.deadlines.arm(timer_slot(index, timer), *deadline);
    }
    if (next.routers[index]->status().role_error != 0)
      next.deadlines.arm(retry_slot(index), Instant{});
  }
  outbox_.use(next.room);
  running_ = &next;
  armed_.reset();
}

/// First everywhere what goes, then what comes: an address may move from one router to another. Few at a
/// time, between which other routers' adverts go.
void Election::change_some_routers() {
  if (settled_ == running_)
    return;
  const auto count = running_->changes.size();
  auto& done = running_->changes_done;
  for (std::size_t changed = 0; changed < kChangesAtOnce && done < 2 * count; ++changed, ++done) {
    if (done < count)
      end_old(running_->changes[done]);
    else if (outbox_.has_address_changes())
      return; // of plans that are in use until here
    else
      begin_new(running_->changes[done - count]);
  }
  if (done < 2 * count)
    return;
  settled_ = running_;
  settled_.notify_one();
}

void Election::end_old(RouterChange& change) {
  const auto& router = at(change.router);
  if (change.restarts) {
    step(change.router, platform::monotonic_now(), core::Shutdown{});
  } else if (router.router().state() == core::State::Master) {
    outbox_.remove(change.gone);
    change.has_ended = true;
  }
}

void Election::begin_new(RouterChange& change) {
  auto& router = at(change.router);
  const auto now = platform::monotonic_now();
  router.use(change.plan);
  router.use(change.frames);
  auto config = change.plan->instance.router;
  config.priority = change.frames->sender.priority;
  step(change.router, now, core::SourceChanged{change.frames->sender.source});
  step(change.router, now, core::Reconfigured{config});
  if (change.restarts) {
    step(change.router, now, core::Startup{});
  } else if (router.router().state() == core::State::Master) {
    if (!change.has_ended) // it has become Master since, by the old plan
      outbox_.remove(change.gone);
    outbox_.install(change.come);
    outbox_.announce(router, change.announcements);
  }
  configure(change.router);
  change_role(change.router);
}

/// Lets the data plane know the router's source address and whether it preempts. One that waits for its
/// interface has no place there.
void Election::configure(std::size_t index) noexcept {
  auto& router = at(index);
  const auto& plan = router.plan();
  router.kernel_preempts = router.router().preempts_now();
  if (plan.ifindex == 0)
    return;
  if (plan.lease == Nanoseconds::zero())
    data_plane_.renew_lease(plan.lease_slot, 0); // what the slot held before would fence us
  else if (data_plane_.lease_end(plan.lease_slot) == 0)
    data_plane_.renew_lease(plan.lease_slot, kNoLeaseYet);
  const int error =
      data_plane_.set_config(plan.key, kernel_config(plan, router.frames().sender, router.kernel_preempts));
  router.config_refused = error != 0;
  if (error != 0)
    note_told(index, error);
}

/// What RFC 9568 7.1 and 8.3.2 want logged about valid adverts.
void Election::remark(std::size_t index, const xv_event& event) noexcept {
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

void Election::remark(std::size_t index, Remark::Kind kind, const xv_event& event) noexcept {
  auto& next = at(index).next_remark[static_cast<std::size_t>(kind)];
  const auto now = instant_from_ns(event.time_ns);
  if (now < next)
    return;
  next = now + kRemarkInterval;
  report(Remark{index, kind, event});
}

/// Whoever is Master after an advert has not lost to it. Priority 0 is of a Master that goes, and from our
/// own address comes no rival.
void Election::note_loser(std::size_t index, const core::Advert& advert) noexcept {
  auto& router = at(index);
  const auto& core = router.router();
  if (core.state() != core::State::Master || core.resigns() || advert.priority == core::kPriorityStopping ||
      advert.source == core.config().primary_address)
    return;
  ++router.counters().losing_adverts;
  router.publish();
  reported_ = true; // RouterStatus says how many there were
}

void Election::expire_timers(Instant now) {
  while (const auto slot = running_->deadlines.pop_due(now)) {
    const auto index = *slot / kTimersPerRouter;
    if (*slot == retry_slot(index)) {
      tell_kernel_again(index);
      continue;
    }
    const auto timer = static_cast<core::TimerId>(*slot % kTimersPerRouter);
    if (timer == core::TimerId::MasterDown && was_moved(index, now))
      continue;
    if (timer == core::TimerId::Advertisement)
      note_lateness(index, now);
    const auto& router = at(index);
    const auto due = router.router().deadline(timer);
    step(index, now, core::TimerExpired{timer, router.router().generation(timer)},
         timer == core::TimerId::MasterDown && due ? master_down(router, *due) : Cause{});
  }
}

void Election::note_lateness(std::size_t index, Instant now) noexcept {
  auto& router = at(index);
  if (const auto due = router.router().deadline(core::TimerId::Advertisement))
    router.tally().note_lateness(now - *due);
}

/// Where we keep Master_Down_Timer: adverts have moved the deadline without waking us, so it is asked for
/// when the one that we know has passed, and the timer runs on to it.
bool Election::was_moved(std::size_t index, Instant now) noexcept {
  const auto& router = at(index);
  const auto live = data_plane_.liveness().find(router.plan().key);
  if (!live || live->role != XV_ROLE_BACKUP ||
      live->generation != router.router().generation(core::TimerId::MasterDown) ||
      live->deadline_ns <= to_ns(now))
    return false;
  running_->deadlines.arm(timer_slot(index, core::TimerId::MasterDown), instant_from_ns(live->deadline_ns));
  return true;
}

/// The kernel keeps Master_Down_Timer, unless it has no timer for it.
bool Election::is_ours(core::TimerId timer) const noexcept {
  return timer != core::TimerId::MasterDown || data_plane_.down_timer() == dataplane::DownTimer::Controller;
}

core::Actions Election::step(std::size_t index, Instant now, const core::Event& event, const Cause& cause) {
  auto& router = at(index);
  const auto actions = router.router().step(now, event);
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

void Election::execute(std::size_t index, const core::Action& action, Instant now, const Cause& cause) {
  auto& router = at(index);
  std::visit(Overloaded{[&](const core::SendAdvert& advert) { send_advert(index, advert.priority); },
                        [&](const core::ArmTimer& arm) {
                          // An advert's effect on Master_Down_Timer is the kernel's doing; entering Backup
                          // goes with the role command.
                          if (is_ours(arm.timer))
                            running_->deadlines.arm(timer_slot(index, arm.timer), arm.at);
                        },
                        [&](const core::StopTimer& stop) {
                          running_->deadlines.disarm(timer_slot(index, stop.timer));
                        },
                        [&](core::InstallAddresses) { outbox_.install(router); },
                        [&](core::RemoveAddresses) { outbox_.remove(router); },
                        [&](core::AnnounceAddresses) { outbox_.announce(router); },
                        [&](core::WantMaster) { take_over_together(index, now); },
                        [&](const core::StateEntered& entered) {
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
                        }},
             action);
}

/// Its first advert leaves when everything else is in place, and until then it may be believed: the Master
/// before it has said so.
void Election::succeed(const VirtualRouter& router, Instant now) noexcept {
  succeeds_ = true;
  if (router.plan().lease > Nanoseconds::zero())
    data_plane_.renew_lease(router.plan().lease_slot, to_ns(now + router.plan().lease));
}

// ---- sync groups ----

void Election::take_over_together(std::size_t index, Instant now) {
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

void Election::yield_together(std::size_t index, Instant now) {
  for (const auto member : running_->group_of(index)) {
    if (member != index)
      step(member, now, core::GroupYields{});
  }
}

/// Whether the Master that a router believes to be down has come back: its adverts change nothing, so they
/// are no events.
bool Election::was_heard_meanwhile(const VirtualRouter& router) const noexcept {
  const auto live = data_plane_.liveness().find(router.plan().key);
  const auto deadline = router.router().deadline(core::TimerId::MasterDown);
  return live && deadline && live->role == XV_ROLE_BACKUP &&
         live->generation == router.router().generation(core::TimerId::MasterDown) &&
         live->deadline_ns > to_ns(*deadline);
}

/// A thread that was held up finds many losing adverts to answer at once: one answer in a batch says it all.
void Election::send_advert(std::size_t index, std::uint8_t priority) noexcept {
  auto& router = at(index);
  if (priority == core::kPriorityStopping)
    router.advert_batch = 0;
  else if (std::exchange(router.advert_batch, batch_) == batch_)
    return;
  queue_advert(
      {&router, index, priority, priority == core::kPriorityStopping ? Nanoseconds{} : router.plan().lease});
}

void Election::queue_advert(const PendingAdvert& advert) noexcept {
  auto& adverts = running_->adverts;
  if (adverts.size() == adverts.capacity())
    flush_adverts();
  adverts.push_back(advert);
}

/// The moment before they leave: no Backup counts from an earlier one.
void Election::flush_adverts() noexcept {
  auto& adverts = running_->adverts;
  if (adverts.empty())
    return;
  const auto now = platform::monotonic_now();
  outbox_.send_adverts(adverts);
  bool refused = false;
  for (const auto& advert : adverts) {
    note_advert(advert, now);
    refused |= advert.error != 0;
  }
  adverts.clear();
  if (refused)
    send_failures_.fetch_add(1, std::memory_order_relaxed);
}

/// An advert that the kernel refused is none: nobody hears that we are Master. With several unicast peers one
/// that it took counts: to that peer we are.
void Election::note_advert(const PendingAdvert& advert, Instant sent) noexcept {
  auto& router = *advert.router;
  auto& counters = router.counters();
  counters.advert_error = advert.error;
  counters.adverts_refused += advert.error != 0;
  if (advert.left) {
    ++counters.adverts_sent;
    counters.priority_zero_sent += advert.priority == core::kPriorityStopping;
    if (advert.lease > Nanoseconds::zero())
      renew_lease(router, sent, advert.lease);
    if (advert.priority != core::kPriorityStopping)
      defend(router, sent);
  }
  router.publish();
}

/// A Master that finds its lease run out was fenced, and another may have answered for the addresses
/// meanwhile: hosts learn again who has them.
void Election::renew_lease(VirtualRouter& router, Instant sent, Nanoseconds lease) noexcept {
  const auto slot = router.plan().lease_slot;
  const auto end = data_plane_.lease_end(slot);
  const bool was_fenced = router.router().state() == core::State::Master &&
                          router.told_role == XV_ROLE_MASTER && end != 0 && end <= to_ns(sent);
  data_plane_.renew_lease(slot, to_ns(sent + lease));
  if (was_fenced)
    outbox_.announce(router);
}

/// The data plane learns the role at the end of the turn, after the adverts.
void Election::change_role(std::size_t index) noexcept {
  if (std::exchange(at(index).role_pending, true))
    return;
  running_->role_changes.push_back(index); // within the reserved capacity: each router once a turn
}

void Election::tell_kernel(std::size_t index) noexcept {
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
  const int error = data_plane_.run(command);
  if (error == 0)
    router.told_role = static_cast<xv_role>(command.role);
  note_told(index, error);
}

/// What the data plane did not take is told again, until it does.
void Election::note_told(std::size_t index, int error) noexcept {
  auto& router = at(index);
  auto& counters = router.counters();
  if (error == 0 && (counters.role_error == 0 || router.config_refused))
    return;
  counters.role_error = error;
  counters.roles_refused += error != 0;
  if (error != 0)
    running_->deadlines.arm(retry_slot(index), platform::monotonic_now() + kTellAgain);
  else
    running_->deadlines.disarm(retry_slot(index));
  router.publish();
}

void Election::tell_kernel_again(std::size_t index) noexcept {
  if (at(index).config_refused)
    configure(index);
  change_role(index);
}

/// Adverts first: the Master that is gone is missed. One that resigned is not, it may go on until it hears
/// us: so its successor has everything in place before. Addresses and announcements may wait for further
/// turns, in which other routers' adverts go first, unless `everything` is wanted now.
void Election::flush(bool everything) noexcept {
  const bool adverts_first = !std::exchange(succeeds_, false);
  SendError error;
  if (adverts_first)
    flush_adverts();
  for (const auto index : running_->role_changes)
    tell_kernel(index);
  running_->role_changes.clear();
  if (!adverts_first) {
    error.add(outbox_.change_all_addresses());
    flush_adverts();
  }
  error.add(outbox_.flush_virtual_macs());
  error.add(everything ? outbox_.change_all_addresses() : outbox_.change_some_addresses());
  ++batch_;
  error.add(outbox_.flush_announcements());
  reported_ |= outbox_.take_paced();
  if (error.error != 0)
    report_send_failure(error);
}

void Election::report_send_failure(const SendError& error) noexcept {
  send_failures_.fetch_add(1, std::memory_order_relaxed);
  const auto now = platform::monotonic_now();
  if (now < next_failure_report_)
    return;
  next_failure_report_ = now + kFailureReportInterval;
  report(SendFailure{error.error, error.ifindex});
}

/// What a packet brings about must not take the room of transitions.
void Election::report(const Report& report) noexcept {
  const auto reserved = std::holds_alternative<Transition>(report) ? 0 : running_->room_for_transitions;
  if (!running_->reports.push(report, reserved))
    lost_reports_.fetch_add(1, std::memory_order_relaxed);
  reported_ = true;
}

} // namespace xvrrp::controller
