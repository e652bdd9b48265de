// SPDX-License-Identifier: BSD-2-Clause
// What a turn of the election does to the world, and what it asks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/time.hpp>

#include "election/participant.hpp"
#include "election/plan.hpp"

namespace xvrrp::election {

struct Fleet;

/// An advert that is to leave, and what became of it.
struct PendingAdvert {
  Participant* router = nullptr;
  std::uint8_t priority = 0;
  Nanoseconds lease{}; ///< for how long it lets us be Master; zero: it says nothing of that
  bool left = false;   ///< for one of its destinations at least
  int error = 0;       ///< why not for the first that it did not leave for
};

/// Addresses that are to be installed or removed, with the routes and rules that go with them.
struct AddressChange {
  enum class Kind : std::uint8_t { Install, Remove, InstallOne };
  Kind kind = Kind::Install;
  const Plan* plan = nullptr;           ///< of this plan; ...
  const RouterChange* change = nullptr; ///< ... if there is one, what it brings (Install) or takes (Remove)
  std::size_t address = 0;              ///< InstallOne: index in the plan
};

/// Addresses that a Master announces.
struct Announcement {
  enum class When : std::uint8_t { WithAdvert, AfterAddresses };
  Participant* router = nullptr;
  const RouterChange* change = nullptr; ///< if there is one, those that it brings
  std::optional<std::size_t> only{};    ///< if there is one, this address of the plan
};

/// What could not be sent.
struct SendError {
  int error = 0;             ///< errno; 0: nothing
  std::uint32_t ifindex = 0; ///< where; 0: it is of no interface

  void add(const SendError& other) noexcept {
    if (error == 0)
      *this = other;
  }
};

/// Election thread. Nothing here allocates, takes a lock or waits.
class Effects {
public:
  virtual ~Effects() = default;

  virtual Instant now() noexcept = 0; ///< CLOCK_MONOTONIC

  // ---- the data plane ----
  /// Hands what happened since the last time to Turn::on_event().
  virtual void take_events() noexcept = 0;
  virtual std::optional<xv_vr_live> live(const xv_vr_key& key) const noexcept = 0;
  /// Until when the slot's router may be believed to be Master; 0: for ever.
  virtual std::uint64_t lease_end(std::uint32_t slot) const noexcept = 0;
  virtual void renew_lease(std::uint32_t slot, std::uint64_t until_ns) noexcept = 0;
  /// 0 or an errno.
  [[nodiscard]] virtual int run(xv_command& command) noexcept = 0;
  /// The router's source address, priority and Preempt_Mode as they are now. 0 or an errno.
  [[nodiscard]] virtual int configure(const Participant& router) noexcept = 0;

  // ---- the network ----
  /// Sends them and notes what became of each.
  virtual void send_adverts(std::span<PendingAdvert> adverts) noexcept = 0;
  /// Returns how many addresses, routes and rules it concerns; adds to `error`.
  virtual std::size_t change_addresses(const AddressChange& change, SendError& error) noexcept = 0;
  /// Puts those whose time it is with what leaves together; adds to `error` when some had to leave already.
  /// Returns whether there are some that leave with pauses between them, which the manager thread sends.
  virtual bool announce(const Announcement& what, Announcement::When when, SendError& error) noexcept = 0;
  virtual void send_announcements(SendError& error) noexcept = 0;

  // ---- the manager thread ----
  /// The fleet's changes are all made; no earlier one is used any more.
  virtual void settled(const Fleet& fleet) noexcept = 0;
  /// There are reports, or announcements to be sent with pauses.
  virtual void wake_manager() noexcept = 0;
};

} // namespace xvrrp::election
