// SPDX-License-Identifier: BSD-2-Clause
// What the routers want sent, in the order that a takeover needs: all adverts, announcements of virtual MACs,
// then addresses, and each router's other announcements once its addresses are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "election/bounded_list.hpp"
#include "election/effects.hpp"

namespace xvrrp::election {

/// Election thread. Nothing here allocates: what does not fit is sent first.
class Outbox {
public:
  /// The memory of an outbox.
  class Room {
  public:
    Room() = default; ///< none
    explicit Room(std::size_t routers);

  private:
    friend class Outbox;
    struct Waiting {
      Announcement what;
      std::uint64_t after = 0; ///< so many address changes
    };
    BoundedList<PendingAdvert> adverts;
    BoundedList<AddressChange> address_changes;
    BoundedList<Waiting> waiting;
  };

  explicit Outbox(Effects& effects) : effects_(effects) {}
  /// Exchanges the room with the one given, when there is nothing in it.
  void use(Room& room) noexcept {
    room_.adverts.swap(room.adverts);
    room_.address_changes.swap(room.address_changes);
    room_.waiting.swap(room.waiting);
  }
  bool is_empty() const noexcept {
    return room_.adverts.empty() && room_.address_changes.empty() && room_.waiting.empty();
  }

  void advert(const PendingAdvert& advert) noexcept;
  /// The addresses of the router's plan, with the routes and rules that go with them.
  void install(const Participant& router) noexcept;
  void remove(const Participant& router) noexcept;
  void change_addresses(const AddressChange& change) noexcept;
  void announce(const Announcement& what) noexcept;
  /// Answers who claimed an address of the router (RFC 5227 2.4 c). Claims that come too soon are answered
  /// together, with the first advert after.
  void defend(Participant& router, Instant now) noexcept;

  /// Sends the adverts. One that left renews its router's lease: from the moment before it left on, for no
  /// Backup counts from an earlier one.
  void flush_adverts() noexcept;
  /// The kernel takes some 45 us for each address: meanwhile another router's advert may be due. So this
  /// changes those of as many routers as have a few addresses together, in the order they were asked for.
  void change_some_addresses() noexcept { change_addresses(kAddressesAtOnce); }
  void change_all_addresses() noexcept { change_addresses(SIZE_MAX); }
  bool has_address_changes() const noexcept { return !room_.address_changes.empty(); }
  /// Sends what Masters announce with their adverts.
  void flush_virtual_macs() noexcept;
  /// Sends what Masters announce whose addresses are there, and notes what is for the manager thread to send
  /// (RouterStatus::paced_announcements_asked).
  void flush_announcements() noexcept;

  /// Whether it has noted some since it was asked last.
  bool take_paced() noexcept { return std::exchange(paced_, false); }
  /// The first that could not be sent since it was asked last; of adverts RouterStatus tells.
  SendError take_error() noexcept { return std::exchange(error_, {}); }
  /// Whether an advert was refused since it was asked last.
  bool take_refused() noexcept { return std::exchange(refused_, false); }

private:
  static constexpr std::size_t kAddressesAtOnce = 4;

  void note(const PendingAdvert& advert, Instant sent) noexcept;
  void renew_lease(Participant& router, Instant sent, Nanoseconds lease) noexcept;
  void change_addresses(std::size_t most) noexcept;
  bool announce(const Announcement& what, Announcement::When when) noexcept;

  Effects& effects_;
  Room room_;
  SendError error_;
  std::size_t next_change_ = 0;     ///< those before are done
  std::uint64_t changes_asked_ = 0; ///< since the start
  std::uint64_t changes_done_ = 0;
  std::size_t next_waiting_ = 0;
  std::size_t next_virtual_mac_ = 0; ///< in the same list
  bool paced_ = false;
  bool refused_ = false;
};

} // namespace xvrrp::election
