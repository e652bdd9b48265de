// SPDX-License-Identifier: BSD-2-Clause
// One node as it runs: the daemon's election (userspace/election), its data plane, and its addresses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "election/turn.hpp"
#include "sim/data_plane.hpp"
#include "sim/mutation.hpp"

namespace xvrrp::sim {

/// The network around a host, and whoever looks on. Routers are numbered as the host was given them.
class Surroundings {
public:
  virtual ~Surroundings() = default;
  /// Router::step(), which is to be called.
  virtual core::Actions step(std::size_t router, core::Router& core, Instant now,
                             const core::Event& event) = 0;
  /// An event was taken by the election.
  virtual void taken(std::size_t /*router*/, const xv_event&) {}
  /// Whether the kernel takes the advert. If so, it is on its way.
  virtual bool send(std::size_t router, std::uint8_t priority) = 0;
  virtual void announced(std::size_t /*router*/) {}
  virtual void addressed(std::size_t /*router*/, bool /*installed*/) {}
  virtual void told(std::size_t /*router*/, xv_role) {}
  /// A lease was written; 0: there is none.
  virtual void leased(std::size_t /*router*/, std::uint64_t /*until_ns*/) {}
};

class Host final : private election::Effects {
public:
  struct Router {
    core::RouterConfig config;
    std::string group; ///< sync group; empty: none
  };
  /// `surroundings`, and `mutation` if there is one, outlive the host. The daemon does not run at first.
  Host(Surroundings& surroundings, std::vector<Router> routers, PlaneKind plane, Mutation* mutation);
  ~Host() override;

  // ---- the daemon; everything happens at `now`, and in full before the call returns ----
  /// Starts it, and its routers, each in FAULT for what `fault` says. It goes on from what another left.
  void start(Instant now, const std::function<std::optional<core::Reason>(std::size_t)>& fault);
  /// Kills it: the data plane and the addresses stay.
  void kill() noexcept;
  /// Ends it so that a successor can go on.
  void hand_over(Instant now);
  void shut_down(Instant now);
  void power_off() noexcept;
  void post(const election::Command& command, Instant now);
  void change_source(std::size_t router, const IpAddress& source, Instant now);
  /// A reload that changes one router, which goes on, or `restarts`.
  void reconfigure(std::size_t router, const core::RouterConfig& config, bool restarts, Instant now);
  /// As the loop does: what there are events of, and what is due.
  void run(Instant now);

  // ---- its data plane ----
  DataPlane& plane() { return plane_; }
  const DataPlane& plane() const { return plane_; }

  /// Whether run() has something to do.
  bool is_due(Instant now) const;
  /// When the election's earliest timer is due.
  std::optional<Instant> next_deadline() const { return turn_ ? turn_->next_deadline() : std::nullopt; }
  core::State state(std::size_t router) const { return turn_ ? core_of(router).state() : core::State::Init; }
  const core::Router& core_of(std::size_t router) const { return participants_[router]->router(); }
  bool has_addresses(std::size_t router) const { return installed_[router]; }
  /// Transitions and commands that queues had no room for: none, or the queues are too short.
  std::uint64_t lost() const { return lost_transitions_ + lost_commands_; }

private:
  class WatchedTurn;

  void work();
  void enqueue(const election::Command& command);
  void take_reports();
  std::vector<election::Fleet::Member> members() const;
  const election::Plan* make_plan(std::size_t router, bool resumes);
  std::size_t router_of(const xv_vr_key& key) const { return key.ifindex - 1; }

  // ---- election::Effects ----
  Instant now() noexcept override { return now_; }
  void take_events() noexcept override;
  std::optional<xv_vr_live> live(const xv_vr_key& key) const noexcept override;
  std::uint64_t lease_end(std::uint32_t slot) const noexcept override { return plane_.lease(slot); }
  void renew_lease(std::uint32_t slot, std::uint64_t until_ns) noexcept override;
  int run(xv_command& command) noexcept override;
  int configure(const election::Participant& router) noexcept override;
  void send_adverts(std::span<election::PendingAdvert> adverts) noexcept override;
  std::size_t change_addresses(const election::AddressChange& change,
                               election::SendError& error) noexcept override;
  bool announce(const election::Announcement& what, election::Announcement::When when,
                election::SendError& error) noexcept override;
  void send_announcements(election::SendError&) noexcept override {}
  void settled(const election::Fleet&) noexcept override {}
  void wake_manager() noexcept override {}

  Surroundings& surroundings_;
  std::vector<Router> routers_;
  DataPlane plane_;
  Mutation* mutation_;
  Instant now_{};
  std::vector<bool> installed_;
  election::Frames frames_;
  std::vector<std::unique_ptr<election::Plan>> plans_; ///< all of this daemon's
  std::vector<const election::Plan*> plan_;            ///< the newest of each router
  std::vector<std::unique_ptr<election::Participant>> participants_;
  std::vector<std::uint64_t> transitions_; ///< told so far, of each router
  std::uint64_t lost_transitions_ = 0;
  std::uint64_t lost_commands_ = 0;
  std::unique_ptr<election::RouterChange> change_;
  std::unique_ptr<election::Fleet> fleet_;
  std::unique_ptr<election::Effects> between_; ///< a mutation's
  std::unique_ptr<election::Turn> turn_;
};

} // namespace xvrrp::sim
