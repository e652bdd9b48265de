// SPDX-License-Identifier: BSD-2-Clause
// Turns of the election, with a world that notes what they do to it and fails where it is told to.
#pragma once

#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "election/turn.hpp"

namespace xvrrp::election::testing {

/// A data plane with the roles that it was told, a network, and a clock that stands.
class World final : public Effects {
public:
  explicit World(std::size_t routers);

  // ---- what happens ----
  Instant clock{std::chrono::seconds{1000}};
  std::function<void(const xv_event&)> deliver;
  void happens(const xv_event& event) { events_.push_back(event); }
  std::function<int(const PendingAdvert&)> refuse_advert; ///< an errno; empty: all leave
  std::function<void()> on_announce;                      ///< at each that follows the addresses
  int role_error = 0;                                     ///< of every role command
  int config_error = 0;

  // ---- what was done ----
  struct Live {
    xv_vr_live value{};
    bool known = false;
  };
  struct Sent {
    const Participant* router;
    std::uint8_t priority;
  };
  std::vector<Live> lives; ///< by VRID
  std::vector<std::uint64_t> leases;
  std::vector<Sent> sent;
  std::vector<AddressChange> addresses;
  std::size_t announced = 0;
  std::size_t roles_told = 0;
  std::size_t configured = 0;
  const Fleet* settled_fleet = nullptr;

  void forget(); ///< what was done to the network, and the counts

  // ---- Effects ----
  Instant now() noexcept override { return clock; }
  void take_events() noexcept override;
  std::optional<xv_vr_live> live(const xv_vr_key& key) const noexcept override;
  std::uint64_t lease_end(std::uint32_t slot) const noexcept override { return leases[slot]; }
  void renew_lease(std::uint32_t slot, std::uint64_t until_ns) noexcept override { leases[slot] = until_ns; }
  int run(xv_command& command) noexcept override;
  int configure(const Participant& router) noexcept override;
  void send_adverts(std::span<PendingAdvert> adverts) noexcept override;
  std::size_t change_addresses(const AddressChange& change, SendError& error) noexcept override;
  bool announce(const Announcement& what, Announcement::When when, SendError& error) noexcept override;
  void send_announcements(SendError&) noexcept override {}
  void settled(const Fleet& fleet) noexcept override { settled_fleet = &fleet; }
  void wake_manager() noexcept override {}

private:
  std::deque<xv_event> events_;
};

/// Routers of VRID 1.. on one interface, each with a lease of 250 ms and an interval of 100 ms.
class Lab {
public:
  explicit Lab(std::size_t routers, const std::string& group = {},
               const std::function<void(core::RouterConfig&)>& change = {});

  /// A turn now, and further ones while there is more to do at once.
  void turn();
  /// Turns at every deadline until then.
  void run_for(Nanoseconds duration);
  void post(const Command& command);
  void start(); ///< every router
  /// Master_Down_Timer of the data plane expires.
  void master_down(std::size_t router);
  /// Every router becomes Master because nobody is heard.
  void become_master();
  void hear(std::size_t router, std::uint8_t priority);

  Participant& router(std::size_t index) { return *participants[index]; }
  core::State state(std::size_t index) { return router(index).status().state; }
  xv_role role(std::size_t index) { return static_cast<xv_role>(world.lives[index + 1].value.role); }
  std::uint64_t lease(std::size_t index) { return world.leases[index]; }

  Frames frames;
  std::vector<std::unique_ptr<Plan>> plans;
  std::vector<std::unique_ptr<Participant>> participants;
  std::unique_ptr<Fleet> fleet;
  World world;
  std::unique_ptr<Turn> election;
};

} // namespace xvrrp::election::testing
