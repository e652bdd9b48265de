// SPDX-License-Identifier: BSD-2-Clause
// The election thread: waits for what happens, and carries out what a turn of the election wants done.
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
#include "controller/transmitter.hpp"
#include "dataplane/data_plane.hpp"
#include "dataplane/event_ring.hpp"
#include "election/tape.hpp"
#include "election/turn.hpp"
#include "platform/epoll.hpp"
#include "platform/event_fd.hpp"
#include "platform/timer_fd.hpp"

namespace xvrrp::controller {

/// Runs a thread with real-time priority and locked memory (where permitted) that waits for the data plane's
/// events, for its timers and for commands, and then runs a turn. Once the routers are started it does not
/// allocate, log, touch a file, take a lock or wait for an answer.
///
/// post(), reports and status() belong to one other thread, the manager. Destruction ends the thread at once,
/// without resigning: post StopRouters first.
class Election : private election::Effects, private dataplane::EventSink {
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
  std::uint64_t send_failures() const { return turn_.send_failures(); }
  std::uint64_t lost_reports() const { return turn_.lost_reports(); }

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
  Election(std::unique_ptr<Fleet> fleet, const dataplane::DataPlane& data_plane, Transmitter transmitter,
           platform::Epoll epoll, platform::TimerFd timer, platform::EventFd command_ready,
           platform::EventFd report_ready);

  bool push(const Command& command, std::size_t reserved) noexcept;
  void thread_main(const std::vector<std::uint32_t>& processors);
  void wait_and_run();

  // ---- election::Effects ----
  Instant now() noexcept override;
  void take_events() noexcept override { ring_->consume(); }
  std::optional<xv_vr_live> live(const xv_vr_key& key) const noexcept override;
  std::uint64_t lease_end(std::uint32_t slot) const noexcept override { return data_plane_.lease_end(slot); }
  void renew_lease(std::uint32_t slot, std::uint64_t until_ns) noexcept override {
    data_plane_.renew_lease(slot, until_ns);
  }
  int run(xv_command& command) noexcept override { return data_plane_.run(command); }
  int configure(const Participant& router) noexcept override;
  void send_adverts(std::span<election::PendingAdvert> adverts) noexcept override {
    transmitter_.send_adverts(adverts);
  }
  std::size_t change_addresses(const election::AddressChange& change,
                               election::SendError& error) noexcept override {
    return transmitter_.change_addresses(change, error);
  }
  bool announce(const election::Announcement& what, election::Announcement::When when,
                election::SendError& error) noexcept override {
    return transmitter_.announce(what, when, error);
  }
  void send_announcements(election::SendError& error) noexcept override {
    transmitter_.send_announcements(error);
  }
  void settled(const election::Fleet& fleet) noexcept override;
  void wake_manager() noexcept override { report_ready_.notify(); }

  // ---- dataplane::EventSink ----
  void on_event(const xv_event& event) override { turn_.on_event(event); }

  const dataplane::DataPlane& data_plane_;
  std::unique_ptr<Fleet> fleet_; ///< the manager's view
  Transmitter transmitter_;
  election::Turn turn_;
  std::atomic<const election::Fleet*> settled_; ///< whose changes are all made
  platform::Epoll epoll_;
  platform::TimerFd timer_;
  platform::EventFd command_ready_;
  platform::EventFd report_ready_;
  std::unique_ptr<Tape> tape_; ///< once something was recorded
  std::optional<dataplane::EventRing> ring_;
  std::optional<Instant> armed_; ///< what timer_ is set to
  std::uint64_t question_ = 0;   ///< of the manager
  std::string realtime_warning_;
  std::atomic<bool> prepared_{false};
  std::thread thread_;
};

} // namespace xvrrp::controller
