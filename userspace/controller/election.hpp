// SPDX-License-Identifier: BSD-2-Clause
// The election thread: every virtual router's state, its adverts and its takeovers.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "controller/fleet.hpp"
#include "controller/tape.hpp"
#include "dataplane/data_plane.hpp"
#include "dataplane/event_ring.hpp"
#include "platform/epoll.hpp"
#include "platform/event_fd.hpp"
#include "platform/timer_fd.hpp"

namespace xvrrp::controller {

/// Runs a thread with real-time priority and locked memory (where permitted) that waits for the data plane's
/// events, for its timers and for commands. Once the routers are started it does not allocate, log, touch a
/// file, take a lock or wait for an answer. What it has to tell goes through a bounded queue; what the queue
/// cannot take is counted.
///
/// post(), reports and status() belong to one other thread, the manager. Destruction ends the thread at once,
/// without resigning: post StopRouters first.
class Election : private dataplane::EventSink {
public:
  /// `data_plane` and `route` outlive the object. The routers are configured in the data plane already.
  static Result<std::unique_ptr<Election>>
  create(std::vector<RouterPlan> plans, const dataplane::DataPlane& data_plane, platform::RouteSocket& route);
  ~Election() override;
  Election(const Election&) = delete;
  Election& operator=(const Election&) = delete;

  /// Starts the thread, on these processors; on any when there are none of them.
  void run(std::vector<std::uint32_t> processors);
  /// Ends the thread without resigning: the routers' leases are prolonged until just before a Backup would
  /// take over.
  void hand_over();

  /// False when the queue is full, which only a stuck thread brings about: the caller says it again later.
  [[nodiscard]] bool post(const Command& command) noexcept {
    return push(command, fleet_->reserved_commands);
  }
  /// There is room for these always; should there be none, it waits for it.
  void post_reserved(const LifeCycleCommand auto& command) noexcept {
    while (!push(command, 0))
      std::this_thread::yield();
  }
  std::optional<Report> next_report() noexcept { return fleet_->reports.pop(); }
  /// Begins or ends the taping of a router's steps; waits while the queue is full.
  void record(const RecordSteps& command);
  Tape& tape() { return *tape_; } ///< after record()
  /// Asks the thread for a sign of life; true if it has answered the last time.
  bool ask_alive() noexcept;
  int reports_fd() const { return report_ready_.fd(); } ///< readable when there are reports
  void drain_reports_fd() noexcept { report_ready_.drain(); }
  std::uint64_t send_failures() const { return send_failures_.load(std::memory_order_relaxed); }
  std::uint64_t lost_reports() const { return lost_reports_.load(std::memory_order_relaxed); }

  /// Indexes in commands and reports are of these.
  const std::vector<std::shared_ptr<VirtualRouter>>& routers() const { return fleet_->routers; }
  VirtualRouter& router(std::size_t index) const { return *fleet_->routers[index]; }
  const std::vector<std::size_t>& group_of(std::size_t index) const { return fleet_->group_of(index); }
  /// Puts another fleet in the place of the one that runs, and returns when what it changes is done; routers
  /// that are new wait for StartRouter. The old fleet's last reports are there to be heard in `hear_last`.
  void replace(std::unique_ptr<Fleet> next, const std::function<void()>& hear_last);
  /// Why the thread has no real-time priority, no locked memory or not its processors; empty when it has all.
  /// Valid after run().
  const std::string& realtime_warning() const { return realtime_warning_; }

private:
  Election(std::unique_ptr<Fleet> fleet, const dataplane::DataPlane& data_plane, Outbox outbox,
           platform::Epoll epoll, platform::TimerFd timer, platform::EventFd command_ready,
           platform::EventFd report_ready);

  bool push(const Command& command, std::size_t reserved) noexcept;
  void thread_main(const std::vector<std::uint32_t>& processors);
  void turn();
  void on_event(const xv_event& event) override;
  bool was_heard_since(const xv_event& event) const noexcept;
  void obey(const Command& command);
  void expire_timers(Instant now);
  void note_lateness(std::size_t index, Instant now) noexcept;
  bool was_moved(std::size_t index, Instant now) noexcept;
  core::Actions step(std::size_t index, Instant now, const core::Event& event, const Cause& cause = {});
  bool is_ours(core::TimerId timer) const noexcept;
  void execute(std::size_t index, const core::Action& action, Instant now, const Cause& cause);
  void succeed(const VirtualRouter& router, Instant now) noexcept;
  void take_over_together(std::size_t index, Instant now);
  void yield_together(std::size_t index, Instant now);
  bool was_heard_meanwhile(const VirtualRouter& router) const noexcept;
  void start_router(std::size_t index, Instant now);
  void prolong_leases() noexcept;
  void use_frames(const UseFrames& command);
  void use_plan(const UsePlan& command);
  void put_back(const PutBack& command);
  void record_steps(const RecordSteps& command, Instant now) noexcept;
  template <typename What>
  void tape(VirtualRouter& router, Instant now, const What& what) noexcept;
  void use_next_fleet() noexcept;
  void change_some_routers();
  void end_old(RouterChange& change);
  void begin_new(RouterChange& change);
  void configure(std::size_t index) noexcept;
  void remark(std::size_t index, const xv_event& event) noexcept;
  void remark(std::size_t index, Remark::Kind kind, const xv_event& event) noexcept;
  void on_claim(std::size_t index, const xv_event& event) noexcept;
  void defend(VirtualRouter& router, Instant now) noexcept;
  void note_loser(std::size_t index, const core::Advert& advert) noexcept;
  void send_advert(std::size_t index, std::uint8_t priority) noexcept;
  void queue_advert(const PendingAdvert& advert) noexcept;
  void flush_adverts() noexcept;
  void note_advert(const PendingAdvert& advert, Instant sent) noexcept;
  void renew_lease(VirtualRouter& router, Instant sent, Nanoseconds lease) noexcept;
  void change_role(std::size_t index) noexcept;
  void tell_kernel(std::size_t index) noexcept;
  void tell_kernel_again(std::size_t index) noexcept;
  void note_told(std::size_t index, int error) noexcept;
  void flush(bool everything) noexcept;
  void report_send_failure(const SendError& error) noexcept;
  void report(const Report& report) noexcept;
  VirtualRouter& at(std::size_t index) const noexcept { return *running_->routers[index]; }

  const dataplane::DataPlane& data_plane_;
  std::unique_ptr<Fleet> fleet_;      ///< the manager's view
  Fleet* running_;                    ///< the election thread's
  Fleet* next_ = nullptr;             ///< what it goes on with when nothing is half done
  std::atomic<const Fleet*> settled_; ///< whose changes are all made
  Outbox outbox_;
  platform::Epoll epoll_;
  platform::TimerFd timer_;
  platform::EventFd command_ready_;
  platform::EventFd report_ready_;
  std::unique_ptr<Tape> tape_; ///< once something was recorded
  std::optional<dataplane::EventRing> ring_;
  std::optional<Instant> armed_; ///< what timer_ is set to
  bool reported_ = false;        ///< in this turn
  std::atomic<std::uint64_t> lost_reports_{0};
  std::uint64_t question_ = 0;             ///< of the manager
  std::atomic<std::uint64_t> answered_{0}; ///< the last one
  bool succeeds_ = false;                  ///< in this turn a router took over from a Master that resigned
  std::uint64_t batch_ = 1;                ///< of adverts, which flush() sends
  Instant next_failure_report_{};
  std::atomic<std::uint64_t> send_failures_{0};
  bool ending_ = false;
  std::string realtime_warning_;
  std::atomic<bool> prepared_{false};
  std::thread thread_;
};

} // namespace xvrrp::controller
